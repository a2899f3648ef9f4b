import { UsageError } from '../usageError.ts';

/** The PandaIDs among the words of a command, each once, in order; a UsageError for anything else or nothing. */
export function readPandaIds(words: readonly string[], command: string): readonly number[] {
  if (words.length === 0) {
    throw new UsageError(`desc-panda ${command} needs the PandaID of a job.`, 'Find it with desc-panda jobs');
  }
  const ids = words.map((word) => {
    const id = /^\d{1,16}$/.test(word) ? Number(word) : 0;
    if (id > 0 && Number.isSafeInteger(id)) return id;
    throw new UsageError(
      `${word} is no PandaID: those are whole numbers, like 6900000001.`,
      'Find it with desc-panda jobs',
    );
  });
  return [...new Set(ids)];
}

export function readPandaId(words: readonly string[], command: string): number {
  const [id, more] = readPandaIds(words, command);
  if (id === undefined || more !== undefined) {
    throw new UsageError(`desc-panda ${command} takes one PandaID.`, `Call it once for each job`);
  }
  return id;
}
