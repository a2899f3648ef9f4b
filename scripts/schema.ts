/** Writes the schema of submission files anew, as the catalog of transformations has it: `npm run schema`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { submissionFileSchema } from '../src/transformations/index.ts';
import { main, report } from './lib/console.ts';
import { root } from './lib/paths.ts';
import { runTool } from './lib/run.ts';

await main(async () => {
  const file = join(root, 'media/panda-submission.schema.json');
  await writeFile(file, `${JSON.stringify(submissionFileSchema(), undefined, 2)}\n`);
  await runTool('node_modules/prettier/bin/prettier.cjs', ['--write', '--log-level', 'warn', file]);
  report(`wrote ${file}`);
});
