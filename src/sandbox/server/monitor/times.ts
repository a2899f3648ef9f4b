import { secondsText } from '../wire/dateTime.ts';

/** `2026-11-23T02:44:50`, UTC: times of the monitor's lists. */
export function timeText(ms: number): string {
  return secondsText(ms).replace(' ', 'T');
}

/** `d:hh:mm:ss` */
export function durationText(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(seconds / 86_400)}:${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}
