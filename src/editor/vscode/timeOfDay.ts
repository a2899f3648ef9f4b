/** Hours and minutes as people write them where they are. `time`: epoch milliseconds. */
export function timeOfDay(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
