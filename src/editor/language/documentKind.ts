import { languages } from '../contributions.ts';

/** What a file is, as far as it can be run or checked. */
export type DocumentKind = 'catalog' | 'commandFile' | 'pipeline' | 'bps' | 'submission' | 'taskFile';

/** Languages whose content has to say what a file is. */
export type GeneralKind = 'yaml' | 'xml';

/** What is looked at when an unsaved or unknown document is to be recognised, characters. */
export const HEAD_LENGTH = 64 * 1024;

const SUBMISSION = /\.panda\.ya?ml$/iu;
const YAML = /\.ya?ml$/iu;

/** What cannot be submitted. */
const ONLY_CHECKED: readonly DocumentKind[] = ['commandFile', 'taskFile'];

/**
 * Where to look for what a document is: its kind where language or name say it for sure, `yaml`, `xml` or `text` where
 * its content has to, undefined where it is none of ours.
 */
export function likelyKind(
  languageId: string,
  path: string,
): DocumentKind | GeneralKind | 'text' | undefined {
  if (languageId === languages.catalog) return 'catalog';
  if (languageId === languages.commandFile) return 'commandFile';
  if (isSubmissionName(path)) return 'submission';
  if (languageId === 'yaml' || (languageId === '' && YAML.test(path))) return 'yaml';
  if (languageId === 'xml') return 'xml';
  if (languageId === 'plaintext') return 'text';
  return undefined;
}

/** By its name alone: `visit.panda.yaml`. */
export function isSubmissionName(path: string): boolean {
  return SUBMISSION.test(path);
}

/** Kinds that can be submitted. */
export function isRunnable(kind: DocumentKind | undefined): boolean {
  return kind !== undefined && !ONLY_CHECKED.includes(kind);
}

/** Names of instance catalogs; the patterns in package.json say the same. */
const CATALOG = /^phosim_cat_.*\.txt$|instcat[^.]*(?:\.(?:txt|cat|dat))?$|\.icat$|\.inst$/iu;

export function isCatalogName(name: string): boolean {
  return CATALOG.test(name);
}
