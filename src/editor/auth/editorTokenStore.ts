import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTokenSet, withLockFile, type TokenSet, type TokenStore } from '../../panda/index.ts';

/** The part of the editor's secret storage that is used. */
export interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

export interface EditorTokenStoreDeps {
  readonly secrets: Secrets;
  /** Names the sign-in among the secrets. */
  readonly key: string;
  /** Where windows take turns; this machine's, as the secrets are. */
  readonly lockFolder: string;
  /** The file of the official client. */
  readonly file: TokenStore;
  /** Whether a sign-in is to be kept in the file, where other programs find it. */
  readonly isShared: () => boolean;
  /** Told where a sign-in went that the editor could not keep. */
  readonly onNotKept: (where: string) => void;
  readonly now: () => number;
  readonly delay: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Keeps a sign-in in the editor's secret storage, or in the file of the official client: there where one is found, in the
 * secret storage first; a new one in the file where it is to be shared, or where the editor can keep no secrets.
 */
export function editorTokenStore(deps: EditorTokenStoreDeps): TokenStore {
  const { secrets, key, file, isShared } = deps;
  const lockFile = join(
    deps.lockFolder,
    `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.lock`,
  );

  const readSecret = (): Promise<TokenSet | undefined> => readFrom(secrets, key);
  const inFile = async (): Promise<boolean> =>
    (await readSecret()) === undefined && (isShared() || (await file.read()) !== undefined);

  const updateSecret: TokenStore['update'] = async (change, signal) => {
    await mkdir(deps.lockFolder, { recursive: true });
    await withLockFile(lockFile, deps, signal, async () => {
      const tokens = await change(await readSecret());
      if (tokens === undefined || (await writeTo(secrets, key, tokens))) return;
      await file.update(() => Promise.resolve(tokens));
      await Promise.resolve(secrets.delete(key)).catch(() => undefined);
      deps.onNotKept(file.where);
    });
  };

  /** A sign-in that is to be shared from now on moves to the file. */
  const share = async (): Promise<void> => {
    const kept = isShared() ? await readSecret() : undefined;
    if (kept === undefined) return;
    await file.update(() => Promise.resolve(kept));
    await secrets.delete(key);
  };

  return {
    get where() {
      return isShared() ? file.where : `the secret storage of the editor, or ${file.where}`;
    },
    async read() {
      await share();
      return (await readSecret()) ?? file.read();
    },
    async update(change, signal) {
      await share();
      await ((await inFile()) ? file : { update: updateSecret }).update(change, signal);
    },
    async clear() {
      const had = (await readSecret()) !== undefined;
      if (had) await secrets.delete(key);
      return (await file.clear()) || had;
    },
  };
}

async function readFrom(secrets: Secrets, key: string): Promise<TokenSet | undefined> {
  const text = await Promise.resolve(secrets.get(key)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return parseTokenSet(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Some editors take a secret and have none afterwards, as where there is no keyring: then false. */
async function writeTo(secrets: Secrets, key: string, tokens: TokenSet): Promise<boolean> {
  const text = JSON.stringify(tokens);
  try {
    await secrets.store(key, text);
    return (await secrets.get(key)) === text;
  } catch {
    return false;
  }
}
