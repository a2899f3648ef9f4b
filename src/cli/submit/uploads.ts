import { dirname, join } from 'node:path';
import { defaultDataHome } from '../../sandbox/index.ts';
import type { CliIo } from '../io.ts';

/** For what is on its way to a store. Shared with the editor, so that each goes on with what the other began. */
export function uploadsFolderOf({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'uploads');
}
