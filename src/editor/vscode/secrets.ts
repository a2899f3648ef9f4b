import type { SecretStorage } from 'vscode';

/** The part of the editor's secret storage that is used. */
export type Secrets = Pick<SecretStorage, 'get' | 'store' | 'delete'>;
