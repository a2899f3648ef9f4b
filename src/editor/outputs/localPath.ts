import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobFile } from '../../watch/index.ts';
import type { Session } from '../session.ts';

/** The path of a job's file; undefined where it does not lie on this machine. */
export function localPath(
  { storageFolder }: Pick<Session, 'storageFolder'>,
  pandaId: number,
  { name, url, staged }: JobFile,
): string | undefined {
  if (staged !== undefined) return staged.settings.kind === 'folder' ? fileURLToPath(url) : undefined;
  return storageFolder === undefined ? undefined : join(storageFolder, String(pandaId), name);
}
