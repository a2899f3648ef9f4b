import { format } from '../../taskXml/format.ts';
import { ExpressionError } from '../../taskXml/values.ts';
import { sameValue, ScriptFault, textOf } from './values.ts';
import type { ScriptValue } from './values.ts';

const MOST_TEXT = 1_000_000;

/** Throws ScriptFault. */
export function applyOperator(
  sign: string,
  left: ScriptValue,
  right: ScriptValue,
  line: number,
): ScriptValue {
  switch (sign) {
    case '==':
      return sameValue(left, right);
    case '!=':
    case '<>':
      return !sameValue(left, right);
    case 'in':
      return isIn(left, right, line);
    case 'not in':
      return !isIn(left, right, line);
    case '+':
      return sum(left, right, line);
    case '%':
      if (typeof left === 'string') return formatted(left, Array.isArray(right) ? right : [right], line);
  }
  if (typeof left === 'string' && typeof right === 'string' && /^[<>]=?$/.test(sign)) {
    return compared(sign, left < right ? -1 : left > right ? 1 : 0);
  }
  return arithmetic(sign, numberOf(left, sign, line), numberOf(right, sign, line), line);
}

function isIn(item: ScriptValue, owner: ScriptValue, line: number): boolean {
  if (Array.isArray(owner)) return owner.some((other) => sameValue(other, item));
  if (owner instanceof Map) return owner.has(textOf(item));
  if (typeof owner === 'string') return owner.includes(textOf(item));
  throw new ScriptFault(line, 'it has no elements', false);
}

function sum(left: ScriptValue, right: ScriptValue, line: number): ScriptValue {
  if (Array.isArray(left) && Array.isArray(right)) return bounded([...left, ...right], line);
  if (typeof left === 'string' && typeof right === 'string') return bounded(left + right, line);
  return numberOf(left, '+', line) + numberOf(right, '+', line);
}

function bounded<T extends string | readonly ScriptValue[]>(value: T, line: number): T {
  if (value.length > MOST_TEXT) throw new ScriptFault(line, 'a value becomes too large', true);
  return value;
}

function arithmetic(sign: string, left: number, right: number, line: number): ScriptValue {
  if (right === 0 && (sign === '/' || sign === '//' || sign === '%')) {
    throw new ScriptFault(line, 'it divides by 0', false);
  }
  switch (sign) {
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return Number.isInteger(left) && Number.isInteger(right) ? Math.floor(left / right) : left / right;
    case '//':
      return Math.floor(left / right);
    case '%':
      return left - right * Math.floor(left / right);
    default:
      return compared(sign, left - right);
  }
}

function compared(sign: string, order: number): boolean {
  switch (sign) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

function numberOf(value: ScriptValue, sign: string, line: number): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw new ScriptFault(line, `${sign} cannot be applied to ${textOf(value).slice(0, 40)}`, false);
}

/** `text % (values)`. */
function formatted(text: string, values: readonly ScriptValue[], line: number): string {
  let next = 0;
  return bounded(
    text.replaceAll(/%%|%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]/g, (form) => {
      if (form === '%%') return '%';
      const value = values[next];
      next += 1;
      if (value === undefined)
        throw new ScriptFault(line, 'there are fewer values than places for them', false);
      try {
        return format(typeof value === 'number' ? value : textOf(value), form);
      } catch (error) {
        if (error instanceof ExpressionError) throw new ScriptFault(line, error.message, false);
        throw error;
      }
    }),
    line,
  );
}
