import { parseArgs } from 'node:util';
import { nearMatches } from '../watch/index.ts';
import { parseCount, parseMemory, parseSeconds } from '../transformations/index.ts';
import { UsageError } from './usageError.ts';

/** One option of a command, as parsed and as shown in its help. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** How the value is called in the help; absent for a flag. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

/** Taken by every command. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'profile', value: 'NAME', help: 'connection to use, see docs/profiles.md' },
  {
    name: 'setup',
    value: 'FILE',
    help: 'script that sets the variables of a PanDA, sourced in a shell first',
  },
  { name: 'json', help: 'machine-readable output, see docs/cli.md' },
  { name: 'help', short: 'h', help: 'show this help' },
];

/** The words and options of one call, read by kind; a wrong value is a UsageError. */
export interface Args {
  readonly positionals: readonly string[];
  /** What stands behind `--`; undefined where there is none. */
  readonly rest: readonly string[] | undefined;
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  count(name: string, min: number): number | undefined;
  /** MB. */
  memory(name: string): number | undefined;
  /** Seconds. */
  seconds(name: string): number | undefined;
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined;
}

type Value = string | boolean | (string | boolean)[] | undefined;

/** What parsing needs to know of a command. */
export interface OptionOwner {
  readonly name: string;
  /** Without those that every command takes. */
  readonly options: readonly OptionSpec[];
  readonly strayOptionAdvice?: string;
}

/** Reads the words after the command's name. */
export function parseOptions(words: readonly string[], command: OptionOwner): Args {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const { values, positionals } = parse(own, command);
  const see = `See desc-panda ${command.name} --help`;
  const text = (name: string): string | undefined => {
    const value = values[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    return typeof last === 'string' ? last : undefined;
  };
  const read = <T>(
    name: string,
    what: string,
    parseValue: (text: string) => T | undefined,
  ): T | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = parseValue(given);
    if (value === undefined) throw new UsageError(`--${name} ${given}: ${what}.`, see);
    return value;
  };
  return {
    positionals,
    rest: end < 0 ? undefined : words.slice(end + 1),
    flag: (name) => values[name] === true,
    text,
    texts: (name) => [values[name] ?? []].flat().filter((value) => typeof value === 'string'),
    count: (name, min) =>
      read(name, `a whole number from ${min} on is needed`, (given) => parseCount(given, min)),
    memory: (name) => read(name, 'an amount of memory is needed, as 4000M or 4G', parseMemory),
    seconds: (name) => read(name, 'a time is needed, as 90m, 12h or 1:30:00', parseSeconds),
    oneOf: (name, choices) =>
      read(name, `one of ${choices.join(', ')} is needed`, (given) =>
        choices.find((choice) => choice === given),
      ),
  };
}

function parse(
  words: readonly string[],
  command: OptionOwner,
): { values: Readonly<Record<string, Value>>; positionals: readonly string[] } {
  const specs = [...command.options, ...COMMON_OPTIONS];
  const options = Object.fromEntries(
    specs.map(({ name, short, value, multiple = false }) => {
      const type: 'string' | 'boolean' = value === undefined ? 'boolean' : 'string';
      return [name, { type, multiple, ...(short === undefined ? {} : { short }) }];
    }),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    throw asUsageError(error, specs, command);
  }
}

function asUsageError(error: unknown, specs: readonly OptionSpec[], command: OptionOwner): UsageError {
  const see = `See desc-panda ${command.name} --help`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const wrong = /'(-[^']*)'/.exec(message)?.[1] ?? '';
    const near = nearMatches(
      wrong.replace(/^-+/, ''),
      specs.map((spec) => spec.name),
    );
    const advice =
      near.length === 0 ? (command.strayOptionAdvice ?? see) : `Did you mean --${near.join(' or --')}`;
    return new UsageError(`desc-panda ${command.name} has no option ${wrong}.`, advice);
  }
  // Node's first sentence says what is missing or too much; the rest speaks to programmers.
  const [sentence = message] = message.split(/\.\s/, 1);
  return new UsageError(`${sentence.replace(/\.$/, '')}.`, see);
}
