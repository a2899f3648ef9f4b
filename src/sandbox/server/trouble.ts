import { ForeignStoreError } from './store/schema.ts';

/** SQLite's result codes that a person can do something about. */
const SQLITE: Readonly<Record<number, string>> = {
  5: 'another program holds the sandbox’s database',
  6: 'another program holds the sandbox’s database',
  8: 'the sandbox’s database may not be written',
  10: 'the disk failed while the sandbox’s database was used',
  11: 'the sandbox’s database is damaged',
  13: 'no space is left on the disk',
  14: 'the sandbox’s database cannot be opened',
  26: 'the sandbox’s database is damaged',
};

const SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  ENOENT: 'its folder is gone',
  EMFILE: 'too many files are open',
};

/** Trouble with the disk or the database in one plain clause, without paths and stacks. */
export function explainTrouble(error: unknown): string {
  if (!(error instanceof Error)) return 'something went wrong inside the sandbox';
  if (error instanceof ForeignStoreError) return error.message;
  if ('errcode' in error && typeof error.errcode === 'number') {
    return SQLITE[error.errcode & 0xff] ?? 'the sandbox’s database failed';
  }
  const known = 'code' in error ? SYSTEM[String(error.code)] : undefined;
  return known ?? 'something went wrong inside the sandbox; its log file says what';
}
