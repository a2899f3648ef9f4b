import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../wire/envelope.ts';
import { withLockFile } from './lockFile.ts';
import type { LockTools } from './lockFile.ts';

/** Which of several people a profile is used as: remembered beside their sign-ins. */
export interface UsedIdentity {
  /** Their subject; undefined where none was chosen. Never rejects: a choice that cannot be read is none. */
  get(): Promise<string | undefined>;
  set(subject: string | undefined): Promise<void>;
}

const NAME = 'used.json';

/** Keeps the choice of a profile in a file of `folder`, which holds those of all its profiles. */
export function usedIdentity(folder: string, profile: string, tools: LockTools): UsedIdentity {
  const file = join(folder, NAME);
  return {
    async get() {
      const subject = (await readChoices(file)).get(profile);
      return subject === '' ? undefined : subject;
    },
    async set(subject) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await withLockFile(`${file}.lock`, tools, undefined, async () => {
        const choices = await readChoices(file);
        if (choices.get(profile) === subject) return;
        if (subject === undefined) choices.delete(profile);
        else choices.set(profile, subject);
        await replace(file, JSON.stringify(Object.fromEntries(choices)));
      });
    },
  };
}

/** Subjects by profile. */
async function readChoices(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    const json: unknown = JSON.parse(text);
    const entries = isObject(json) ? Object.entries(json) : [];
    return new Map(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  } catch {
    return new Map();
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, `${text}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
