import type { TokenSet } from './tokenSet.ts';

/** Where one sign-in is kept, shared by windows and programs. All methods reject with PandaError. */
export interface TokenStore {
  /** For people: a path, or `the secret storage of the editor`. */
  readonly where: string;
  /** Undefined where nobody is signed in. */
  read(): Promise<TokenSet | undefined>;
  /**
   * Hands over what is stored, and stores what `change` resolves with; undefined leaves all as it is. One change at a time
   * among all who share the store. There is room for what `change` makes before it is called.
   */
  update(
    change: (stored: TokenSet | undefined) => Promise<TokenSet | undefined>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** False where nothing was stored. */
  clear(): Promise<boolean>;
}

/** One of several sign-ins that are kept. */
export interface KeptTokens {
  readonly tokens: TokenSet;
  /** For people. */
  readonly where: string;
  readonly isUsed: boolean;
}

/** A store of the sign-ins of several people at one VO; `read` and `clear` are about the one in use. */
export interface AccountStore extends Omit<TokenStore, 'update'> {
  /**
   * The sign-in of one person, wherever it is kept and whoever is used: nobody else's is handed over or replaced. A person
   * who is not kept is not added: `change` is told, and what it makes is not stored.
   */
  of(subject: string): Pick<TokenStore, 'read' | 'update'>;
  /** Everybody who is kept, who is used first. */
  list(): Promise<readonly KeptTokens[]>;
  /**
   * Keeps what `make` resolves with beside those of others, in place of an earlier one of the same person, and uses it from
   * now on. `make` is handed what is stored where it would go.
   */
  add(make: (stored: TokenSet | undefined) => Promise<TokenSet | undefined>): Promise<void>;
  /** False where nobody of this subject is kept. */
  use(subject: string): Promise<boolean>;
  /** False where nobody of this subject is kept. */
  remove(subject: string): Promise<boolean>;
}
