/** What may stand somewhere in a submission file: the one description that checks, JSON schema and writer follow. */
export type Shape =
  | TextShape
  | { readonly kind: 'count'; readonly least: number; readonly most: number }
  | { readonly kind: 'number' }
  | { readonly kind: 'list'; readonly of: Shape; readonly most: number; readonly least?: number }
  /** One value, or a list of them. */
  | { readonly kind: 'oneOrMore'; readonly of: Shape; readonly most: number }
  /** A mapping of names that the user chooses. */
  | { readonly kind: 'record'; readonly of: Shape; readonly name: RegExp; readonly nameHelp: string }
  | { readonly kind: 'fields'; readonly fields: Fields }
  /** A mapping of these fields, or what `other` says. */
  | { readonly kind: 'fieldsOr'; readonly fields: Fields; readonly other: Shape };

/** Numbers and the like count as the text that they are written as. */
export interface TextShape {
  readonly kind: 'text';
  readonly most: number;
  readonly pattern?: RegExp;
  /** What is needed, as `an amount of memory, as 4000M or 4G`. */
  readonly patternHelp?: string;
  readonly choices?: readonly string[];
  /** Where a bare number is one of these and no other; by default it counts as the text it is written as. */
  readonly bareNumber?: 'integer' | 'number';
}

export interface Field {
  readonly shape: Shape;
  readonly required?: boolean;
  /** For hovers and the documentation: a sentence or two. */
  readonly help: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** One line of text without control characters. */
export function text(most: number, more: Omit<TextShape, 'kind' | 'most'> = {}): TextShape {
  return { kind: 'text', most, pattern: /^[^\0-\u001f\u007f]+$/u, patternHelp: 'one line of text', ...more };
}
