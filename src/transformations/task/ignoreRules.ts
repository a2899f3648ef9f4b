import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Ignore } from 'ignore';
import { openFile } from '../readBytes.ts';

/** What the `.gitignore` files that hold for a folder say of what lies in it. */
export interface IgnoreRules {
  /** The same, with the `.gitignore` of a folder further down, if there is one. */
  below(folder: string): Promise<IgnoreRules>;
  ignores(path: string, isFolder: boolean): boolean;
}

interface RulesOfFolder {
  readonly folder: string;
  readonly rules: Ignore;
}

const NAME = '.gitignore';
/** Bytes of rules that are read. */
const LONGEST = 1024 * 1024;
/** Folders above that are looked at for the one that git keeps. */
const MOST_ABOVE = 64;
/** As git takes names where it is not told otherwise. */
const IGNORES_CASE = process.platform === 'win32' || process.platform === 'darwin';

/** The rules that hold in a folder: its own, and those of the folders above it up to the one that git keeps. */
export async function ignoreRulesOf(folder: string): Promise<IgnoreRules> {
  const { default: ignore } = await import('ignore');
  const read = async (one: string): Promise<RulesOfFolder | undefined> => {
    const text = await readRules(join(one, NAME));
    return text === undefined
      ? undefined
      : { folder: one, rules: ignore({ ignorecase: IGNORES_CASE }).add(text) };
  };
  const above = await foldersUpToGit(folder);
  const known = await Promise.all(above.map(read));
  return rulesOf(
    known.filter((one) => one !== undefined),
    read,
  );
}

/** The text of a file; undefined where it cannot be read, as git takes it. */
async function readRules(path: string): Promise<string | undefined> {
  const file = await openFile(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    return new TextDecoder().decode(await file.head(LONGEST));
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** The innermost file that says something of a path decides. */
function rulesOf(
  inward: readonly RulesOfFolder[],
  read: (folder: string) => Promise<RulesOfFolder | undefined>,
): IgnoreRules {
  return {
    below: async (folder) => {
      const more = await read(folder);
      // Rules that leave out a folder which others further in take along say nothing of what is in it.
      const known = inward.filter((one) => !judgement(one, folder, true).ignored);
      return rulesOf(more === undefined ? known : [...known, more], read);
    },
    ignores: (path, isFolder) => {
      for (const one of inward.toReversed()) {
        const { ignored, unignored } = judgement(one, path, isFolder);
        if (ignored || unignored) return ignored;
      }
      return false;
    },
  };
}

function judgement(
  { folder, rules }: RulesOfFolder,
  path: string,
  isFolder: boolean,
): { readonly ignored: boolean; readonly unignored: boolean } {
  const way = relative(folder, path).replaceAll(sep, '/');
  return rules.test(isFolder ? `${way}/` : way);
}

/** The folder and those above it, outermost first; the folder alone where git keeps none of them. */
async function foldersUpToGit(folder: string): Promise<readonly string[]> {
  const inward: string[] = [];
  let at = folder;
  for (let count = 0; count < MOST_ABOVE; count++) {
    inward.unshift(at);
    const names = await readdir(at).catch((): string[] => []);
    if (names.includes('.git')) return inward;
    const up = dirname(at);
    if (up === at) break;
    at = up;
  }
  return [folder];
}
