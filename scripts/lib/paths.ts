import { dirname, join } from 'node:path';

/** The folder of the checkout. */
export const root = dirname(dirname(import.meta.dirname));

export const dist = join(root, 'dist');
/** Things that may be removed at any time and come back by themselves. */
export const cache = join(root, '.cache');
/** Logs, screenshots and results of the last test run. */
export const testOutput = join(root, 'test-output');
