/** A part of a catalog for the outline; lines from 0, both within it. */
export interface OutlineItem {
  readonly kind: 'header' | 'command' | 'include' | 'objects';
  readonly name: string;
  readonly detail: string;
  readonly first: number;
  readonly last: number;
  readonly children: readonly OutlineItem[];
}

/** Runs of objects that are told apart; those behind it make one. */
const MOST_RUNS = 500;
/** Longest name or value that is shown. */
const MOST_TEXT = 200;

const COMMAND = /^\s*([A-Za-z_]\w*)(?:\s+(.*\S))?\s*$/u;
/** The word `object`, eleven fields, the model. */
const MODEL = /^\s*object(?:\s+\S+){11}\s+(\S+)/u;

interface Run {
  readonly model: string;
  readonly first: number;
  last: number;
  count: number;
}

/** Gathers the outline line by line: the head with its commands, the includes, and runs of objects of one model. */
export class OutlineBuilder {
  readonly #commands: OutlineItem[] = [];
  readonly #includes: OutlineItem[] = [];
  readonly #runs: Run[] = [];

  line(whole: string, number: number): void {
    const text = whole.replace(/#.*$/u, '');
    if (/^\s*object\s/u.test(text)) {
      this.#object(MODEL.exec(text)?.[1] ?? '', number);
      return;
    }
    const [, name, value = ''] = COMMAND.exec(text) ?? [];
    if (name === undefined) return;
    const isInclude = name === 'includeobj';
    const place = { first: number, last: number, children: [] };
    if (isInclude) this.#includes.push({ kind: 'include', name: cut(value) || name, detail: '', ...place });
    else this.#commands.push({ kind: 'command', name: cut(name), detail: cut(value), ...place });
  }

  #object(model: string, number: number): void {
    const run = this.#runs.at(-1);
    if (run !== undefined && (run.model === model || this.#runs.length >= MOST_RUNS)) {
      run.last = number;
      run.count += 1;
    } else {
      // The last run takes in what follows, whatever it is.
      const name = this.#runs.length === MOST_RUNS - 1 ? '' : model;
      this.#runs.push({ model: name, first: number, last: number, count: 1 });
    }
  }

  result(): readonly OutlineItem[] {
    const [first] = this.#commands;
    const last = this.#commands.at(-1);
    const children = this.#commands.slice(0, MOST_RUNS);
    const header: OutlineItem[] =
      first === undefined || last === undefined
        ? []
        : [{ kind: 'header', name: 'Header', detail: '', first: first.first, last: last.last, children }];
    const objects = this.#runs.map((run): OutlineItem => ({
      kind: 'objects',
      name: cut(run.model) || 'objects',
      detail: run.count === 1 ? '1 object' : `${run.count} objects`,
      first: run.first,
      last: run.last,
      children: [],
    }));
    return [...header, ...this.#includes.slice(0, MOST_RUNS), ...objects];
  }
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
