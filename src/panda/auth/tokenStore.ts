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
