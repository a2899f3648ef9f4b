/** `1 job`, `12 jobs`. */
export function count(jobs: number): string {
  return jobs === 1 ? '1 job' : `${jobs} jobs`;
}
