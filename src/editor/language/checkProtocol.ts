import type { CatalogReport, FileDiagnostic } from '../../transformations/index.ts';
import type { DocumentKind, GeneralKind } from './documentKind.ts';

/** A file to check. */
export interface CheckRequest {
  /** Absolute path, also where the content comes from the editor: files it names lie beside it. */
  readonly path: string;
  /** A general one where the content has to say it. */
  readonly kind: DocumentKind | GeneralKind;
  /** Where spectra lie, to see whether those of a catalog are there. */
  readonly sedFolder?: string;
  /** The folder of the workspace that the file is in: its files may be sent, too. */
  readonly workspace?: string;
  /** `pieces` follow as messages, as the editor holds changes that are not in the file. */
  readonly source: 'file' | 'pieces';
}

/** What was found. */
export interface Checked {
  /** Undefined where the content is nothing of ours. */
  readonly kind: DocumentKind | undefined;
  readonly diagnostics: readonly FileDiagnostic[];
  /** Of an instance catalog. */
  readonly catalog?: CatalogReport;
}

/** To the thread that checks. */
export type CheckerMessage =
  | { readonly type: 'check'; readonly id: number; readonly request: CheckRequest }
  | { readonly type: 'piece'; readonly id: number; readonly bytes: Uint8Array }
  /** No further pieces; `failed`: they could not be had. */
  | { readonly type: 'end'; readonly id: number; readonly failed: boolean }
  | { readonly type: 'cancel'; readonly id: number };

/** From it. */
export type FromChecker =
  | { readonly type: 'checked'; readonly id: number; readonly checked: Checked }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
