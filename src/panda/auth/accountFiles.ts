import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readClaims } from './claims.ts';
import type { LockTools } from './lockFile.ts';
import { tokenFile } from './tokenFile.ts';
import type { TokenSet } from './tokenSet.ts';
import type { AccountStore, KeptTokens, TokenStore } from './tokenStore.ts';
import type { UsedIdentity } from './usedIdentity.ts';

/** What is ours in the folder of the official client. */
export const OWN_FOLDER = '.desc-panda';

/**
 * The sign-ins of several people in a folder of the official client. Its file holds one of them: who signed in last.
 * The others lie aside, each in a folder of its own, and each sign-in in one place only, as what renews it is spent once.
 */
export function accountFiles(folder: string, used: UsedIdentity, tools: LockTools): AccountStore {
  return new AccountFiles(folder, used, tools);
}

class AccountFiles implements AccountStore {
  readonly #folder: string;
  readonly #used: UsedIdentity;
  readonly #tools: LockTools;
  readonly #shared: TokenStore;
  #current: TokenStore;

  constructor(folder: string, used: UsedIdentity, tools: LockTools) {
    this.#folder = folder;
    this.#used = used;
    this.#tools = tools;
    this.#shared = tokenFile(folder, tools);
    this.#current = this.#shared;
  }

  get where(): string {
    return this.#current.where;
  }

  async read(): Promise<TokenSet | undefined> {
    return (await this.#find()).read();
  }

  of(subject: string): ReturnType<AccountStore['of']> {
    // A sign-in that moves while it is looked for is found at the second look into the shared file.
    const places = [this.#shared, this.#storeOf(subject), this.#shared];
    const theirs = (tokens: TokenSet | undefined): TokenSet | undefined =>
      tokens !== undefined && subjectOf(tokens) === subject ? tokens : undefined;
    return {
      async read() {
        for (const place of places) {
          const tokens = theirs(await place.read());
          if (tokens !== undefined) return tokens;
        }
        return undefined;
      },
      async update(change, signal) {
        for (const place of places) {
          if (theirs(await place.read()) === undefined) continue;
          let found: TokenSet | undefined;
          await place.update((stored) => {
            found = theirs(stored);
            return found === undefined ? Promise.resolve(undefined) : change(found);
          }, signal);
          if (found !== undefined) return;
        }
        await change(undefined);
      },
    };
  }

  async clear(): Promise<boolean> {
    const had = await (await this.#find()).clear();
    if (had) await this.#used.set(undefined);
    return had;
  }

  async list(): Promise<readonly KeptTokens[]> {
    const current = await this.#find();
    const stores = [this.#shared, ...(await this.#aside())];
    const kept: KeptTokens[] = [];
    for (const store of stores) {
      const tokens = await store.read();
      if (tokens === undefined || kept.some((one) => isSame(one.tokens, tokens))) continue;
      kept.push({ tokens, where: store.where, isUsed: store.where === current.where });
    }
    return kept.sort((a, b) => Number(b.isUsed) - Number(a.isUsed));
  }

  async add(make: Parameters<AccountStore['add']>[0]): Promise<void> {
    let added: TokenSet | undefined;
    let isSecond = false;
    await this.#shared.update(async (stored) => {
      added = await make(stored);
      isSecond = added !== undefined && stored !== undefined && isSomebodyElse(stored, added);
      if (isSecond && stored !== undefined) {
        await this.#storeOf(subjectOf(stored)).update(() => Promise.resolve(stored));
      }
      return added;
    });
    if (added === undefined) return;
    const subject = subjectOf(added);
    await this.#storeOf(subject).clear();
    // Where there never was anybody else nothing has to be remembered.
    if (isSecond || (await this.#used.get()) !== undefined) {
      await this.#used.set(subject === '' ? undefined : subject);
    }
    await this.#find();
  }

  async use(subject: string): Promise<boolean> {
    const isKept = (await this.list()).some(({ tokens }) => subjectOf(tokens) === subject);
    if (isKept) await this.#used.set(subject);
    return isKept;
  }

  async remove(subject: string): Promise<boolean> {
    const shared = await this.#shared.read();
    const isShared = shared !== undefined && subjectOf(shared) === subject;
    const hadAside = await this.#storeOf(subject).clear();
    const had = (isShared && (await this.#shared.clear())) || hadAside;
    if ((await this.#used.get()) === subject) await this.#used.set(undefined);
    return had;
  }

  /** Where the one in use is kept; the shared file where nobody was chosen, or who was is not there any more. */
  async #find(): Promise<TokenStore> {
    this.#current = await this.#chosen();
    return this.#current;
  }

  async #chosen(): Promise<TokenStore> {
    const subject = await this.#used.get();
    if (subject === undefined) return this.#shared;
    const shared = await this.#shared.read();
    if (shared !== undefined && subjectOf(shared) === subject) return this.#shared;
    const aside = this.#storeOf(subject);
    return (await aside.read()) === undefined ? this.#shared : aside;
  }

  #storeOf(subject: string): TokenStore {
    const name = createHash('sha256').update(subject).digest('hex').slice(0, 16);
    return tokenFile(join(this.#folder, OWN_FOLDER, name), this.#tools);
  }

  async #aside(): Promise<readonly TokenStore[]> {
    const folder = join(this.#folder, OWN_FOLDER);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory() && /^[0-9a-f]{16}$/.test(entry.name))
      .map(({ name }) => tokenFile(join(folder, name), this.#tools));
  }
}

/** Whose sign-in it is for its issuer; empty where it does not say. */
export function subjectOf(tokens: Pick<TokenSet, 'id_token'>): string {
  return readClaims(tokens.id_token)?.subject ?? '';
}

function isSame(a: TokenSet, b: TokenSet): boolean {
  return subjectOf(a) === subjectOf(b) && readClaims(a.id_token)?.issuer === readClaims(b.id_token)?.issuer;
}

/** Another person of the same identity provider. One of another provider that may be replaced has ended. */
function isSomebodyElse(before: TokenSet, after: TokenSet): boolean {
  const [was, is] = [readClaims(before.id_token), readClaims(after.id_token)];
  return was !== undefined && was.subject !== '' && was.issuer === is?.issuer && was.subject !== is?.subject;
}
