import type { ListedFindings } from './findings.ts';
import type { CatalogSummary } from './phosim/catalog/summary.ts';

/** A file to check. */
export interface CheckedFile {
  /** Absolute. */
  readonly path: string;
  /** Its first 64 KiB. */
  readonly head: Uint8Array;
  /** The whole of it where it is in memory already. */
  readonly content?: Uint8Array;
}

export interface CheckOutcome extends ListedFindings {
  /** What the file says, in a shape of its kind; JSON. */
  readonly summary?: unknown;
  /** The summary of an instance catalog once more, as such. */
  readonly catalog?: CatalogSummary;
}

/** One kind of file that can be checked. */
export interface Checker {
  /** Short and stable, `instance-catalog`. */
  readonly kind: string;
  /** For people, `instance catalog`. */
  readonly label: string;
  /** Whether it may be one, by its first 64 KiB. */
  recognise(path: string, head: Uint8Array): boolean;
  /** Undefined where it is none after all. */
  check(file: CheckedFile, options: CheckFileOptions): Promise<CheckOutcome | undefined>;
}

export interface CheckFileOptions {
  readonly signal?: AbortSignal;
  /** Bytes read so far, of all that are known of. */
  readonly onProgress?: (read: number, total: number) => void;
  /** Where spectra lie, to see whether those of a catalog are there. */
  readonly sedFolder?: string;
  /** Variables that paths in a file may hold. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Folders whose files a submission may send besides those of its own folder, absolute. */
  readonly roots?: readonly string[];
}
