import type { TaskParameter } from './taskParameters.ts';

/** A number that PanDA fills in for each job. */
export interface Placeholder {
  /**
   * `number`: 1 for the first job, 2 for the next. Of jobs that share out events: `firstEvent` is 1 for the first job,
   * `skipEvents` 0, and `maxEvents` is how many there are for the job.
   */
  readonly kind: 'number' | 'firstEvent' | 'skipEvents' | 'maxEvents';
  /** Added to `number` and `firstEvent`. */
  readonly offset?: number;
}

/** Text that reaches the shell of a job as it is, or a number. */
export type CommandPiece = string | Placeholder;

const WRITTEN = /%(RNDM|FIRSTEVENT)[:=](\d{1,9})%?|%(SKIPEVENTS|MAXEVENTS)/gu;

const KINDS: Readonly<Record<string, Placeholder['kind']>> = {
  RNDM: 'number',
  FIRSTEVENT: 'firstEvent',
  SKIPEVENTS: 'skipEvents',
  MAXEVENTS: 'maxEvents',
};

/** Takes a command apart in which numbers are written as for `prun`: `%RNDM:0`, `%FIRSTEVENT:1`, `%SKIPEVENTS`, `%MAXEVENTS`. */
export function readCommand(text: string): CommandPiece[] {
  const pieces: CommandPiece[] = [];
  let at = 0;
  for (const { 0: whole, 1: counted, 2: offset, 3: plain, index } of text.matchAll(WRITTEN)) {
    const kind = KINDS[counted ?? plain ?? ''];
    if (kind === undefined) continue;
    pieces.push(text.slice(at, index), offset === undefined ? { kind } : { kind, offset: Number(offset) });
    at = index + whole.length;
  }
  return [...pieces, text.slice(at)];
}

/** Letters that are the same when they are percent-encoded. Next to a number they share its template, as `prun` makes it. */
const BEFORE = /[\w.~/-]*$/u;
const AFTER = /^[\w.~/-]*/u;

/** The pieces of the command line of a job that make up its command, percent-encoded as PanDA's recipe takes it. */
export function commandParameters(pieces: readonly CommandPiece[]): TaskParameter[] {
  const texts = [''];
  const placeholders: Placeholder[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') texts.push((texts.pop() ?? '') + piece);
    else {
      placeholders.push(piece);
      texts.push('');
    }
  }
  const parameters: TaskParameter[] = [];
  for (const [index, placeholder] of placeholders.entries()) {
    const before = BEFORE.exec(texts[index] ?? '')?.[0] ?? '';
    const after = AFTER.exec(texts[index + 1] ?? '')?.[0] ?? '';
    parameters.push(constant((texts[index] ?? '').slice(0, -before.length || undefined)));
    parameters.push(template(placeholder, before, after));
    texts[index + 1] = (texts[index + 1] ?? '').slice(after.length);
  }
  return [...parameters, constant(texts.at(-1) ?? '')];
}

function constant(text: string): TaskParameter {
  return { type: 'constant', value: percentEncoded(text), padding: false };
}

const VALUES: Readonly<Record<Placeholder['kind'], string>> = {
  number: '${SEQNUMBER}',
  firstEvent: '${FIRSTEVENT}',
  skipEvents: '${SKIPEVENTS}',
  maxEvents: '${MAXEVENTS}',
};

function template({ kind, offset }: Placeholder, before: string, after: string): TaskParameter {
  const value = `${before}${VALUES[kind]}${after}`;
  const of =
    kind === 'number'
      ? ({ param_type: 'pseudo_input', dataset: 'seq_number' } as const)
      : ({ param_type: 'number' } as const);
  const counted = kind === 'number' || kind === 'firstEvent' ? { offset: offset ?? 0 } : {};
  return { type: 'template', value, ...of, ...counted, padding: false };
}

/** As Python's `quote` does. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/gu, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}
