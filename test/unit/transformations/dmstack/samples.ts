import { readFileSync } from 'node:fs';

const folder = new URL('../../../fixtures/samples/', import.meta.url);

/** A file of the samples. */
export function sample(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** `line severity code`, as the samples' expected results name a diagnostic. */
export function brief(
  diagnostics: readonly { readonly line: number; readonly severity: string; readonly code: string }[],
): string[] {
  return diagnostics.map(({ line, severity, code }) => `${line} ${severity} ${code}`);
}
