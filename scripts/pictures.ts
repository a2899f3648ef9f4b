/** Takes the pictures that the README shows from the screenshots of the last `npm test`. */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { main, report } from './lib/console.ts';
import { root, testOutput } from './lib/paths.ts';

await main(async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  for (const [, picture = ''] of readme.matchAll(/\]\((media\/screenshots\/[\w-]+\.png)\)/g)) {
    await copyFile(join(testOutput, 'screenshots', basename(picture)), join(root, picture));
    report(picture);
  }
});
