import {
  catalogCommand,
  DUST_MODELS,
  OBJECT_FIELDS,
  spatialModel,
  type CatalogCommand,
  type ObjectField,
  type SpatialModel,
} from '../../transformations/index.ts';

/** A word of a line; positions from 0, `to` behind the last character. */
export interface Word {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** What a word of a catalog line stands for. */
export type Role =
  | { readonly kind: 'command'; readonly command: CatalogCommand | undefined }
  | { readonly kind: 'value'; readonly command: CatalogCommand | undefined; readonly index: number }
  | { readonly kind: 'field'; readonly field: ObjectField }
  | { readonly kind: 'model'; readonly model: SpatialModel | undefined }
  | { readonly kind: 'parameter'; readonly model: SpatialModel; readonly index: number }
  /** Dust at rest in the source, then in the laboratory, as seen from here. */
  | { readonly kind: 'dust'; readonly frame: 'rest' | 'lab' }
  | { readonly kind: 'dustValue'; readonly frame: 'rest' | 'lab'; readonly name: 'A_V' | 'R_V' }
  | { readonly kind: 'unknown' };

export interface RoleWord extends Word {
  readonly role: Role;
}

/** Position of the model in an object line, the word `object` counted. */
const MODEL_AT = OBJECT_FIELDS.length;

export function splitWords(line: string): Word[] {
  return Array.from(line.matchAll(/\S+/gu), (match) => ({
    text: match[0],
    from: match.index,
    to: match.index + match[0].length,
  }));
}

/** The words of a line with what each stands for; none of a comment. */
export function readCatalogLine(line: string): RoleWord[] {
  const words = splitWords(line.replace(/#.*$/u, ''));
  const [first] = words;
  if (first === undefined) return [];
  if (first.text === 'object') return readObject(words);
  const command = catalogCommand(first.text);
  return words.map((word, index) => ({
    ...word,
    role: index === 0 ? { kind: 'command', command } : { kind: 'value', command, index: index - 1 },
  }));
}

function readObject(words: readonly Word[]): RoleWord[] {
  const command = catalogCommand('object');
  const model = spatialModel(words[MODEL_AT]?.text ?? '');
  const tail = tailRoles(words, model);
  return words.map((word, index) => {
    const field = OBJECT_FIELDS[index - 1];
    if (index === 0) return { ...word, role: { kind: 'command', command } };
    if (index === MODEL_AT) return { ...word, role: { kind: 'model', model } };
    if (field !== undefined) return { ...word, role: { kind: 'field', field } };
    return { ...word, role: tail[index - MODEL_AT - 1] ?? { kind: 'unknown' } };
  });
}

/** Behind the model: its parameters (as many as there are numbers, where releases differ), then two dust models. */
function tailRoles(words: readonly Word[], model: SpatialModel | undefined): Role[] {
  const tail = words.slice(MODEL_AT + 1);
  const roles: Role[] = [];
  const numbers = tail.findIndex(({ text }) => !isNumber(text));
  const given = numbers < 0 ? tail.length : numbers;
  const count = model === undefined ? 0 : model.counts.includes(given) ? given : (model.counts[0] ?? 0);
  for (let index = 0; model !== undefined && index < count; index += 1) {
    roles.push({ kind: 'parameter', model, index });
  }
  for (const frame of ['rest', 'lab'] as const) {
    const word = tail[roles.length];
    if (word === undefined) break;
    roles.push({ kind: 'dust', frame });
    if (DUST_MODELS.has(word.text)) {
      roles.push({ kind: 'dustValue', frame, name: 'A_V' }, { kind: 'dustValue', frame, name: 'R_V' });
    }
  }
  return roles;
}

function isNumber(text: string): boolean {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/u.test(text);
}

/**
 * What a word typed at the end of the text would stand for: the text is a line up to the cursor, without the word being
 * typed.
 */
export function roleOfNext(before: string): Role {
  if (before.includes('#')) return { kind: 'unknown' };
  const placeholder = readCatalogLine(`${before}?`).at(-1);
  return placeholder?.role ?? { kind: 'unknown' };
}
