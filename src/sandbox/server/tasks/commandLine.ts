import { pythonLiteral } from '../wire/pythonText.ts';

/** What the placeholders of a command line stand for in one job. */
export interface JobValues {
  /** Files by what they are called: `IN`, `OUTPUT0`. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly serial: number;
  /** Sequence number; undefined where the task has none. */
  readonly number: number | undefined;
  readonly randomSeed: number;
  readonly maxEvents: number;
  readonly skipEvents: number;
  /** Null where events are not counted. */
  readonly firstEvent: number | null;
  readonly attemptNr: number;
  readonly sourceUrl: string;
}

export type CommandLine =
  | { readonly kind: 'command'; readonly text: string }
  /** A placeholder that stands for nothing. */
  | { readonly kind: 'unresolved'; readonly placeholder: string };

const PLACEHOLDER = /\$\{([^}]+)\}/gu;

/** Fills a command line in. Inputs and sequence numbers must all be known; other placeholders may stay. */
export function fillCommandLine(template: string, values: JobValues): CommandLine {
  const numbers = numberTexts(values);
  const text = template.replaceAll(PLACEHOLDER, (whole, inner: string) => {
    const [streams = '', ...decorators] = inner.split('/');
    const files = streams.split(',').flatMap((stream) => values.files.get(stream) ?? []);
    return files.length > 0 ? filesText(files, decorators) : (numbers.get(inner) ?? whole);
  });
  const left = /\$\{(?:IN|SEQNUMBER).*?\}/u.exec(text)?.[0];
  return left === undefined ? { kind: 'command', text } : { kind: 'unresolved', placeholder: left };
}

/** A name of an output file with its serial number in it. */
export function fillFileName(template: string, serial: number, jediTaskID: number, pandaId: number): string {
  return template
    .replaceAll(/\$\{SN(?:\/P)?\}/gu, sixDigits(serial))
    .replaceAll('$JEDITASKID', String(jediTaskID))
    .replaceAll('$JOBSETID', sixDigits(jediTaskID))
    .replaceAll('$PANDAID', String(pandaId));
}

function sixDigits(number: number): string {
  return String(number).padStart(6, '0');
}

function numberTexts(values: JobValues): ReadonlyMap<string, string> {
  const known: (readonly [string, string | number | null | undefined])[] = [
    ['SN', values.serial],
    ['SN/P', sixDigits(values.serial)],
    ['SEQNUMBER', values.number],
    ['RNDMSEED', values.randomSeed],
    ['MAXEVENTS', values.maxEvents],
    ['SKIPEVENTS', values.skipEvents],
    ['FIRSTEVENT', values.firstEvent],
    ['ATTEMPTNR', values.attemptNr],
    ['SURL', values.sourceUrl],
    ['MIDDLENAME', ''],
  ];
  return new Map(
    known.flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, String(value)]])),
  );
}

/** `/T` is a Python list, `/L` a list joined by commas, with `/S` by blanks, with `/A` each in quotes; `/E` decodes. */
function filesText(files: readonly string[], decorators: readonly string[]): string {
  if (decorators.includes('T')) return pythonLiteral(files);
  if (decorators.includes('L')) {
    const quoted = decorators.includes('A') ? files.map((file) => `'${file}'`) : files;
    return quoted.join(decorators.includes('S') ? ' ' : ',');
  }
  const text = files.join(',');
  return decorators.includes('E') ? decoded(text) : text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
