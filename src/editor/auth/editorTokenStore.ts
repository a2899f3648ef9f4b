import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseTokenSet,
  subjectOf,
  withLockFile,
  type AccountStore,
  type KeptTokens,
  type TokenSet,
  type UsedIdentity,
} from '../../panda/index.ts';
import type { Secrets } from '../vscode/secrets.ts';

export interface EditorTokenStoreDeps {
  readonly secrets: Secrets;
  /** Names the sign-in among the secrets. */
  readonly key: string;
  /** Where windows take turns; this machine's, as the secrets are. */
  readonly lockFolder: string;
  /** The file of the official client, and who else is kept beside it. */
  readonly file: AccountStore;
  /** Who the profile is used as. */
  readonly used: UsedIdentity;
  /** Whether a sign-in is to be kept in the file, where other programs find it. */
  readonly isShared: () => boolean;
  /** Told where a sign-in went that the editor could not keep. */
  readonly onNotKept: (where: string) => void;
  readonly now: () => number;
  readonly delay: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Keeps sign-ins in the editor's secret storage, or in the file of the official client: there where one is found, in the
 * secret storage first; a new one in the file where it is to be shared, or where the editor can keep no secrets.
 */
export function editorTokenStore(deps: EditorTokenStoreDeps): AccountStore {
  return new EditorTokenStore(deps);
}

class EditorTokenStore implements AccountStore {
  readonly #deps: EditorTokenStoreDeps;
  readonly #lockFile: string;

  constructor(deps: EditorTokenStoreDeps) {
    this.#deps = deps;
    const name = createHash('sha256').update(deps.key).digest('hex').slice(0, 16);
    this.#lockFile = join(deps.lockFolder, `${name}.lock`);
  }

  get where(): string {
    const { isShared, file } = this.#deps;
    return isShared() ? file.where : `${SECRET_STORAGE}, or ${file.where}`;
  }

  async read(): Promise<TokenSet | undefined> {
    await this.#share();
    return (await this.#secret()) ?? this.#deps.file.read();
  }

  of(subject: string): ReturnType<AccountStore['of']> {
    const inFile = this.#deps.file.of(subject);
    const find = (kept: readonly TokenSet[]) => kept.find((one) => subjectOf(one) === subject);
    return {
      read: async () => {
        await this.#share();
        return find(await this.#secrets()) ?? inFile.read();
      },
      update: async (change, signal) => {
        await this.#share();
        let found = find(await this.#secrets());
        if (found !== undefined) {
          await this.#changeSecrets(async (kept) => {
            found = find(kept);
            const tokens = found === undefined ? undefined : await change(found);
            if (tokens === undefined) return undefined;
            // In its place: who signed in last stays first.
            return kept.map((one) => (one === found ? tokens : one));
          }, signal);
        }
        if (found === undefined) await inFile.update(change, signal);
      },
    };
  }

  async clear(): Promise<boolean> {
    const secret = await this.#secret();
    const subject = secret === undefined ? undefined : subjectOf(secret);
    if (secret !== undefined) await this.#removeSecret(secret);
    const { file, used } = this.#deps;
    // The same person's in the file goes, too; somebody else's stays.
    const inFile = await file.read();
    const isTheirs = inFile !== undefined && (subject === undefined || subjectOf(inFile) === subject);
    const hadFile = isTheirs && (await file.clear());
    if (secret !== undefined) await used.set(undefined);
    return hadFile || secret !== undefined;
  }

  async list(): Promise<readonly KeptTokens[]> {
    const kept = await this.#secrets();
    const secret = await this.#secret();
    const inFile = await this.#deps.file.list();
    const others = inFile.filter(({ tokens }) => !kept.some((one) => subjectOf(one) === subjectOf(tokens)));
    return [
      ...kept.map((tokens) => ({ tokens, where: SECRET_STORAGE, isUsed: isAlike(tokens, secret) })),
      ...others.map((one) => ({ ...one, isUsed: secret === undefined && one.isUsed })),
    ].sort((a, b) => Number(b.isUsed) - Number(a.isUsed));
  }

  async add(make: Parameters<AccountStore['add']>[0]): Promise<void> {
    const { file, isShared, used } = this.#deps;
    const tokens = await make(await this.read());
    if (tokens === undefined) return;
    const subject = subjectOf(tokens);
    const isInFile = (await file.list()).some((one) => subjectOf(one.tokens) === subject);
    if (isShared() || isInFile) {
      await file.add(() => Promise.resolve(tokens));
      await this.#removeSecret(tokens);
    } else {
      await this.#changeSecrets((kept) =>
        Promise.resolve([tokens, ...kept.filter((one) => subjectOf(one) !== subject)]),
      );
    }
    if (subject !== '' && (await this.list()).length > 1) await used.set(subject);
  }

  async use(subject: string): Promise<boolean> {
    const isKept = (await this.list()).some(({ tokens }) => subjectOf(tokens) === subject);
    if (isKept) await this.#deps.used.set(subject);
    return isKept;
  }

  async remove(subject: string): Promise<boolean> {
    const { file, used } = this.#deps;
    const secret = (await this.#secrets()).find((one) => subjectOf(one) === subject);
    if (secret !== undefined) await this.#removeSecret(secret);
    const hadFile = await file.remove(subject);
    if ((await used.get()) === subject) await used.set(undefined);
    return hadFile || secret !== undefined;
  }

  /** Sign-ins that are to be shared from now on move to the files. */
  async #share(): Promise<void> {
    const { isShared, secrets, key } = this.#deps;
    if (!isShared() || (await this.#secrets()).length === 0) return;
    await this.#inTurn(async () => {
      await this.#moveToFiles(await this.#secrets());
      await secrets.delete(key);
    });
  }

  /** Who is used stays so; the file of the official client holds the first. */
  async #moveToFiles(sets: readonly TokenSet[]): Promise<void> {
    const { file, used } = this.#deps;
    const chosen = await used.get();
    for (const tokens of sets.toReversed()) await file.add(() => Promise.resolve(tokens));
    if (chosen !== undefined) await used.set(chosen);
  }

  /** Of the one in use, where that is kept as a secret. */
  async #secret(): Promise<TokenSet | undefined> {
    const kept = await this.#secrets();
    if (kept.length === 0) return undefined;
    const subject = await this.#deps.used.get();
    const chosen = this.#chosen(kept, subject);
    if (subject === undefined || (chosen !== undefined && subjectOf(chosen) === subject)) return chosen;
    const inFile = await this.#deps.file.list();
    return inFile.some(({ tokens }) => subjectOf(tokens) === subject) ? undefined : chosen;
  }

  #chosen(kept: readonly TokenSet[], subject: string | undefined): TokenSet | undefined {
    return kept.find((one) => subjectOf(one) === subject) ?? kept[0];
  }

  async #secrets(): Promise<readonly TokenSet[]> {
    const { secrets, key } = this.#deps;
    return parseSecrets(await Promise.resolve(secrets.get(key)).catch(() => undefined));
  }

  async #removeSecret(tokens: TokenSet): Promise<void> {
    if ((await this.#secrets()).length === 0) return;
    await this.#changeSecrets((kept) =>
      Promise.resolve(kept.filter((one) => subjectOf(one) !== subjectOf(tokens))),
    );
  }

  /** What the editor does not keep goes to the files, and the user is told. */
  async #changeSecrets(
    change: (kept: readonly TokenSet[]) => Promise<readonly TokenSet[] | undefined>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { secrets, key, file, onNotKept } = this.#deps;
    await this.#inTurn(async () => {
      const sets = await change(await this.#secrets());
      if (sets === undefined || (await writeTo(secrets, key, sets))) return;
      await this.#moveToFiles(sets);
      await Promise.resolve(secrets.delete(key)).catch(() => undefined);
      if (sets.length > 0) onNotKept(file.where);
    }, signal);
  }

  /** One window at a time. */
  async #inTurn(run: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    await mkdir(this.#deps.lockFolder, { recursive: true });
    await withLockFile(this.#lockFile, this.#deps, signal, run);
  }
}

const SECRET_STORAGE = 'the secret storage of the editor';

function isAlike(a: TokenSet, b: TokenSet | undefined): boolean {
  return b !== undefined && subjectOf(a) === subjectOf(b);
}

/** A sign-in, or several of them. */
function parseSecrets(text: string | undefined): readonly TokenSet[] {
  if (text === undefined) return [];
  try {
    const json = JSON.parse(text) as { readonly accounts?: unknown } | null;
    const sets: readonly unknown[] = Array.isArray(json?.accounts) ? json.accounts : [json];
    return sets.map(parseTokenSet).filter((one) => one !== undefined);
  } catch {
    return [];
  }
}

/** Some editors take a secret and have none afterwards, as where there is no keyring: then false. */
async function writeTo(secrets: Secrets, key: string, sets: readonly TokenSet[]): Promise<boolean> {
  const [first, ...others] = sets;
  try {
    if (first === undefined) {
      await secrets.delete(key);
      return true;
    }
    const text = JSON.stringify(others.length === 0 ? first : { accounts: sets });
    await secrets.store(key, text);
    return (await secrets.get(key)) === text;
  } catch {
    return false;
  }
}
