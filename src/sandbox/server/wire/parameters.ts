import { pythonLiteral, pythonTypeName } from './pythonText.ts';

/** What a declared type makes of a value: the value, or the clause that says what is wrong with it. */
type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly complaint: string };

/** The type of an argument: how a JSON value is checked and how the text of a query is cast. */
export interface Kind<T> {
  check(name: string, value: unknown): Checked<T>;
  cast(name: string, value: string | readonly string[]): Checked<T>;
}

export interface Parameter<T> {
  readonly kind: Kind<T>;
  readonly fallback: { readonly value: T } | undefined;
}

export const required = <T>(kind: Kind<T>): Parameter<T> => ({ kind, fallback: undefined });

/** Null where it is not given. */
export const optional = <T>(kind: Kind<T>): Parameter<T | null> => ({
  kind,
  fallback: { value: null },
});

export const withDefault = <T>(kind: Kind<T>, value: T): Parameter<T> => ({ kind, fallback: { value } });

export type Declaration = Readonly<Record<string, Parameter<unknown>>>;
export type Arguments<D extends Declaration> = {
  readonly [Name in keyof D]: D[Name] extends Parameter<infer T> ? T : never;
};

/** Arguments as they came: JSON values of a body, or the texts of a query or form (a list where a key repeats). */
export type Given = ReadonlyMap<string, unknown>;

export type Bound<D extends Declaration> =
  { readonly ok: true; readonly values: Arguments<D> } | { readonly ok: false; readonly message: string };

/** Binds and checks arguments as the server does, with its messages. `cast` for GET, where all came as text. */
export function bind<D extends Declaration>(declaration: D, given: Given, cast: boolean): Bound<D> {
  const values: Record<string, unknown> = {};
  const names = Object.keys(declaration);
  const missing = names.find((name) => declaration[name]?.fallback === undefined && !given.has(name));
  if (missing !== undefined) return refused(`Argument error: missing a required argument: '${missing}'`);
  const extra = [...given.keys()].find((name) => !Object.hasOwn(declaration, name));
  if (extra !== undefined) return refused(`Argument error: got an unexpected keyword argument '${extra}'`);
  for (const [name, parameter] of Object.entries(declaration)) {
    const bound = bindOne(name, parameter, given, cast);
    if (!bound.ok) return refused(`Type error: ${bound.complaint}`);
    values[name] = bound.value;
  }
  // Each value was checked by the kind that its parameter declares.
  return { ok: true, values: values as Arguments<D> };
}

function bindOne<T>(name: string, parameter: Parameter<T>, given: Given, cast: boolean): Checked<T> {
  const { kind, fallback } = parameter;
  const value = given.get(name);
  if (fallback !== undefined) {
    const absent = value === undefined || value === fallback.value;
    if (absent || (cast && value === 'None' && fallback.value === null)) return accepted(fallback.value);
  }
  return cast && isText(value) ? kind.cast(name, value) : kind.check(name, value);
}

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

const accepted = <T>(value: T): Checked<T> => ({ ok: true, value });

function isText(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || Array.isArray(value);
}

function complain(complaint: string): { readonly ok: false; readonly complaint: string } {
  return { ok: false, complaint };
}

function simple<T>(
  typeName: string,
  accepts: (value: unknown) => value is T,
  castText: (text: string) => T | undefined,
): Kind<T> {
  return {
    check: (name, value) =>
      accepts(value)
        ? accepted(value)
        : complain(`'${name}' must be of type ${typeName}, got ${pythonTypeName(value)}.`),
    cast: (name, value) => {
      const result = typeof value === 'string' ? castText(value) : undefined;
      return result === undefined ? complain(castComplaint(name, value, typeName)) : accepted(result);
    },
  };
}

function castComplaint(name: string, value: string | readonly string[], typeName: string): string {
  const shown = typeof value === 'string' ? value : pythonLiteral(value);
  return `'${name}' with value '${shown}' could not be casted to type ${typeName} from ${pythonTypeName(value)}.`;
}

/** Python takes decimals and blanks around, and cuts towards zero. */
function integerOf(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? Math.trunc(number) : undefined;
}

/** A Python bool is an int: `true` passes and counts as 1. */
function isInt(value: unknown): value is number {
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isInteger(value));
}

const isPlainText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => typeof value === 'number';

export const int = mapped(simple('int', isInt, integerOf), Number);
export const str = simple('str', isPlainText, (text) => text);
export const bool = simple('bool', isFlag, (text) => ['true', '1'].includes(text.toLowerCase()));
export const number = simple('Union', isNumber, (text) => integerOf(text));
export const intOrStr = simple(
  'Union',
  (value): value is number | string => isInt(value) || isPlainText(value),
  (text) => text,
);
const isDict = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const dict = simple('dict', isDict, () => undefined);
export const dictOrStr = simple(
  'Union',
  (value): value is Readonly<Record<string, unknown>> | string => isDict(value) || isPlainText(value),
  (text) => text,
);
/** No declared type: everything passes. */
export const anything: Kind<unknown> = {
  check: (_name, value) => accepted(value),
  cast: (_name, value) => accepted(value),
};

function mapped<T>(kind: Kind<T>, map: (value: T) => T): Kind<T> {
  const apply = (checked: Checked<T>): Checked<T> => (checked.ok ? accepted(map(checked.value)) : checked);
  return {
    check: (name, value) => apply(kind.check(name, value)),
    cast: (name, value) => apply(kind.cast(name, value)),
  };
}

function listOf<T>(
  elementName: string,
  accepts: (value: unknown) => value is T,
  castText: (text: string) => T | undefined,
): Kind<readonly T[]> {
  return {
    check: (name, value) => {
      if (!Array.isArray(value)) {
        return complain(`'${name}' must be of type list, got ${pythonTypeName(value)}.`);
      }
      const elements: readonly unknown[] = value;
      return elements.every(accepts)
        ? accepted(elements)
        : complain(`All elements in '${name}' must be ${elementName}.`);
    },
    cast: (name, value) => {
      const texts = typeof value === 'string' ? [value] : value;
      const elements = texts.map(castText).filter((element) => element !== undefined);
      return elements.length === texts.length
        ? accepted(elements)
        : complain(castComplaint(name, texts, 'List'));
    },
  };
}

export const intList = mapped(listOf('int', isInt, integerOf), (values) => values.map(Number));
export const strList = listOf('str', isPlainText, (text) => text);
export const anyList: Kind<readonly unknown[]> = listOf(
  'object',
  (value): value is unknown => value !== undefined,
  (text): unknown => text,
);
