import { CATALOG_NAMES, nearest, SPATIAL_MODELS, type Diagnostic } from '../../transformations/index.ts';

/** A change to one line; positions from 0. */
export type LineEdit =
  | { readonly kind: 'replace'; readonly from: number; readonly to: number; readonly text: string }
  | { readonly kind: 'deleteLine' }
  | { readonly kind: 'endLine' };

export interface Fix {
  readonly title: string;
  readonly edit: LineEdit;
  /** The obvious one, of which there is at most one for a diagnostic. */
  readonly preferred: boolean;
}

/** A diagnostic as the editor gives it back: its code, and what it covers. */
export interface Flaw {
  readonly code: Diagnostic['code'];
  /** From 0. */
  readonly from: number;
  readonly to: number;
}

/** What can be done about a flaw of a line. `files`: names beside the catalog, asked for where an include is missing. */
export async function fixesFor(
  flaw: Flaw,
  line: string,
  files: () => Promise<readonly string[]>,
): Promise<readonly Fix[]> {
  const text = line.slice(flaw.from, flaw.to);
  const replace = (word: string, by: string | undefined): Fix[] =>
    by === undefined ? [] : [change(line, flaw, word, by)];
  switch (flaw.code) {
    case 'model-alias-star':
      return [change(line, flaw, 'star', 'point')];
    case 'unknown-spatial-model':
      return [
        ...replace(text, nearest(text, SPATIAL_MODELS.keys())),
        { ...change(line, flaw, text, 'point'), preferred: false },
      ];
    case 'unknown-command': {
      const word = /\S+/u.exec(line)?.[0] ?? '';
      return [...replace(word, nearest(word, CATALOG_NAMES)), deleteLine('Remove this line', false)];
    }
    case 'duplicate-command':
      return [deleteLine('Remove this line, so that the earlier one counts', true)];
    case 'keyword-in-comment':
      return [deleteLine('Remove this comment', true)];
    case 'no-final-newline':
      return [{ title: 'End the last line', edit: { kind: 'endLine' }, preferred: true }];
    case 'include-missing': {
      const word = /^\s*\S+\s+(\S+)/u.exec(line)?.[1] ?? '';
      return replace(word, nearest(word, await files()));
    }
    default:
      return [];
  }
}

/** Replaces a word within the flaw, or anywhere in the line where the flaw covers more or less. */
function change(line: string, flaw: Flaw, word: string, by: string): Fix {
  const within = line.indexOf(word, flaw.from);
  const from = within < 0 ? line.indexOf(word) : within;
  return {
    title: `Change ${word} to ${by}`,
    edit: { kind: 'replace', from, to: from + word.length, text: by },
    preferred: true,
  };
}

function deleteLine(title: string, preferred: boolean): Fix {
  return { title, edit: { kind: 'deleteLine' }, preferred };
}
