/** Makes `desc-panda-<version>.vsix`. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { main, report } from './lib/console.ts';
import { root } from './lib/paths.ts';
import { packageExtension } from './lib/vsix.ts';

await main(async () => {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = join(root, `${name ?? ''}-${version ?? ''}.vsix`);
  await packageExtension(file);
  report(`${file} (${(statSync(file).size / 1e6).toFixed(2)} MB)`);
});
