import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.ts';
import type { InteropProgram } from './program.ts';

/** A certified OpenID Connect provider, run within the tests. */
export const oidcProvider: InteropProgram = {
  name: 'oidc-provider',
  async install() {
    const path = join(root, 'node_modules', 'oidc-provider');
    const { version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as { version: string };
    return { path, version };
  },
};
