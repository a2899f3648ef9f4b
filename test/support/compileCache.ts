/**
 * Lets the process of the tests and all that they start keep compiled code, as hundreds of them compile the same files.
 * Those that are killed keep nothing; so the first of all keeps what it has loaded before and between its tests.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.ts';

const folder = join(root, 'node_modules', '.cache', 'compiled');
process.env.NODE_COMPILE_CACHE = folder;
enableCompileCache(folder);

export const mochaHooks = {
  beforeAll: () => flushCompileCache(),
  afterEach: () => flushCompileCache(),
};
