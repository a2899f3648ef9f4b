/** Values of scripts. Numbers know not whether they are whole: Python 2's division of whole numbers rounds down. */
export type ScriptValue =
  string | number | boolean | null | ScriptValue[] | Map<string, ScriptValue> | ScriptFunction | ScriptObject;

export interface ScriptFunction {
  readonly kind: 'function';
  readonly name: string;
  call(args: readonly ScriptValue[]): ScriptValue;
}

/** Something of the pipeline's with methods. */
export interface ScriptObject {
  readonly kind: 'object';
  readonly name: string;
  readonly methods: Readonly<Record<string, (args: readonly ScriptValue[]) => ScriptValue>>;
}

/** Why a script does not run to its end. */
export class ScriptFault extends Error {
  override readonly name = 'ScriptFault';
  /** From 1, within the script; 0 where it is still to be said. */
  readonly line: number;
  /** True where the script may be right, and it is the emulator that does not know how. */
  readonly beyondUs: boolean;

  constructor(line: number, what: string, beyondUs: boolean) {
    super(`line ${line}: ${what}`);
    this.line = line;
    this.beyondUs = beyondUs;
  }
}

export function isObject(value: ScriptValue): value is ScriptObject {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}

export function isFunction(value: ScriptValue): value is ScriptFunction {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'function';
}

export function isTrue(value: ScriptValue): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return value !== null && value !== false && value !== 0 && value !== '';
}

/** As `str` has it. */
export function textOf(value: ScriptValue): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(quoted).join(', ')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${quoted(key)}: ${quoted(item)}`).join(', ')}}`;
  }
  return `<${value.name}>`;
}

function quoted(value: ScriptValue): string {
  return typeof value === 'string' ? `'${value}'` : textOf(value);
}

export function sameValue(a: ScriptValue, b: ScriptValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index] ?? null));
  }
  return typeof a === 'boolean' || typeof b === 'boolean' ? Number(a) === Number(b) : a === b;
}
