import {
  CATALOG_NAMES,
  DUST_MODELS,
  nearest,
  PHYSICS_COMMANDS,
  SPATIAL_MODELS,
  type Diagnostic,
} from '../../transformations/index.ts';

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

/** What a fix may be looked for in. */
export interface FixSources {
  readonly isCommandFile: boolean;
  /** Names beside the file, asked for where an include is missing. */
  readonly files: () => Promise<readonly string[]>;
}

const PHYSICS_NAMES: readonly string[] = PHYSICS_COMMANDS.map(({ name }) => name);

/** What can be done about a flaw of a line of a catalog or command file. */
export async function fixesFor(flaw: Flaw, line: string, sources: FixSources): Promise<readonly Fix[]> {
  return (await makers.get(flaw.code)?.(new Spot(flaw, line), sources)) ?? [];
}

type Maker = (spot: Spot, sources: FixSources) => readonly Fix[] | Promise<readonly Fix[]>;

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['model-alias-star', (spot) => [spot.change('star', 'point')]],
  ['unknown-spatial-model', (spot) => spot.likely(SPATIAL_MODELS.keys(), 'point')],
  ['unknown-dust-model', (spot) => spot.likely(DUST_MODELS, 'none')],
  [
    'unknown-command',
    (spot, { isCommandFile }) => {
      const word = /\S+/u.exec(spot.line)?.[0] ?? '';
      const meant = nearest(word, isCommandFile ? PHYSICS_NAMES : CATALOG_NAMES);
      return [...spot.changeTo(word, meant), deleteLine('Remove this line', false)];
    },
  ],
  ['not-a-number', (spot) => spot.changeTo(spot.text, numberMeant(spot.line, spot.text))],
  ['date-format', (spot) => spot.changeTo(spot.text, dateMeant(spot.text))],
  ['hash-cuts', (spot) => [spot.insertBlank()]],
  ['extra-value', (spot) => [spot.remove()]],
  ['duplicate-command', () => [deleteLine('Remove this line, so that the earlier one counts', true)]],
  ['keyword-in-comment', (spot) => [spot.removeComment()]],
  [
    'no-final-newline',
    () => [{ title: 'End the last line', edit: { kind: 'endLine' }, preferred: true } as const],
  ],
  [
    'include-missing',
    async (spot, { files }) => {
      const word = /^\s*\S+\s+(\S+)/u.exec(spot.line)?.[1] ?? '';
      return spot.changeTo(word, nearest(word, await files()));
    },
  ],
]);

/** A flaw in its line. */
class Spot {
  readonly flaw: Flaw;
  readonly line: string;
  /** What the flaw covers. */
  readonly text: string;

  constructor(flaw: Flaw, line: string) {
    this.flaw = flaw;
    this.line = line;
    this.text = line.slice(flaw.from, flaw.to);
  }

  /** Replaces a word within the flaw, or anywhere in the line where the flaw covers more or less. */
  change(word: string, by: string): Fix {
    const within = this.line.indexOf(word, this.flaw.from);
    const from = within < 0 ? this.line.indexOf(word) : within;
    return {
      title: `Change ${word} to ${by}`,
      edit: { kind: 'replace', from, to: from + word.length, text: by },
      preferred: true,
    };
  }

  changeTo(word: string, by: string | undefined): readonly Fix[] {
    return by === undefined ? [] : [this.change(word, by)];
  }

  /** The nearest of some words, and what stands for none of them. */
  likely(words: Iterable<string>, otherwise: string): readonly Fix[] {
    const { text } = this;
    return [
      ...this.changeTo(text, nearest(text, words)),
      { ...this.change(text, otherwise), preferred: false },
    ];
  }

  insertBlank(): Fix {
    const at = this.flaw.to - 1;
    const edit = { kind: 'replace', from: at, to: at, text: ' ' } as const;
    return { title: 'Put a blank before the #', edit, preferred: true };
  }

  remove(): Fix {
    const { from, to } = this.flaw;
    return { title: `Remove ${this.text}`, edit: { kind: 'replace', from, to, text: '' }, preferred: false };
  }

  /** The whole line where there is nothing else in it. */
  removeComment(): Fix {
    const title = 'Remove this comment';
    const hash = this.line.lastIndexOf('#', this.flaw.from);
    const from = this.line.slice(0, Math.max(0, hash)).trimEnd().length;
    if (from === 0) return deleteLine(title, true);
    return { title, edit: { kind: 'replace', from, to: this.line.length, text: '' }, preferred: true };
  }
}

/** The number of a filter's letter; a number with a comma, or written as Fortran does. */
function numberMeant(line: string, text: string): string | undefined {
  if (/^\s*(?:filter|Opsim_filter)\s/u.test(line)) {
    const filter = 'ugrizy'.indexOf(text.toLowerCase());
    if (text.length === 1 && filter >= 0) return String(filter);
  }
  const meant = text.replace(',', '.').replace(/d(?=[-+]?\d+$)/iu, 'e');
  return meant !== text && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu.test(meant) ? meant : undefined;
}

/** `2022-08-06` and the like, in the order of the year first. */
function dateMeant(text: string): string | undefined {
  const [, year, month, day, fraction] =
    /^(\d{4})[-.](\d{1,2})[-.](\d{1,2})(?:T.*|\/(.*))?$/u.exec(text) ?? [];
  if (year === undefined) return undefined;
  return [year, Number(month), Number(day), fraction ?? '0'].join('/');
}

function deleteLine(title: string, preferred: boolean): Fix {
  return { title, edit: { kind: 'deleteLine' }, preferred };
}
