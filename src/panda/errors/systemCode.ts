/** Why the system refused: `ENOENT`, `EACCES`, …; undefined for what is no error of the system. */
export function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
