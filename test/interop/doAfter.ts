import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Later = (undo: () => unknown) => void;

/** Called in a `describe`: what is handed to the function returned is called when its tests have run, last first. */
export function doAfter(): Later {
  const undos: (() => unknown)[] = [];
  after(async () => {
    for (const undo of undos.splice(0).reverse()) await undo();
  });
  return (undo) => undos.push(undo);
}

/** A new folder, removed later. */
export async function temporaryFolder(later: Later): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-'));
  later(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
