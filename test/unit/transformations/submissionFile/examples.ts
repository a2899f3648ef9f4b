import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../../../docs/submission-file.md', import.meta.url), 'utf8');

/** The submission files of docs/submission-file.md. */
export const examples: readonly string[] = [...page.matchAll(/^```yaml\n(.*?)^```$/gmsu)].map(
  ([, text = '']) => text,
);

/** The table of the documentation. */
export const exampleTable = /^```csv\n(.*?)^```$/msu.exec(page)?.[1] ?? '';
