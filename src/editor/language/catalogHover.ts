import { spatialModel, type CatalogCommand } from '../../transformations/index.ts';
import { codeSpan as code, escapeMarkdown as plain } from '../markdown.ts';
import { readCatalogLine, type Role, type RoleWord } from './catalogLine.ts';

/** A text about a word; positions from 0. */
export interface HoverText {
  readonly from: number;
  readonly to: number;
  readonly markdown: string;
}

/** What stands at a place of a catalog line: its meaning and unit. */
export function catalogHover(line: string, column: number): HoverText | undefined {
  const word = readCatalogLine(line).find(({ from, to }) => from <= column && column < to);
  const markdown = word === undefined ? undefined : describe(word);
  return word === undefined || markdown === undefined
    ? undefined
    : { from: word.from, to: word.to, markdown };
}

function describe({ role, text }: RoleWord): string | undefined {
  switch (role.kind) {
    case 'command':
      return role.command === undefined ? undefined : describeCommand(role.command, text);
    case 'value':
      return role.command === undefined ? undefined : describeValue(role.command, text, role.index);
    case 'field':
      return titled(role.field.name, sentence(role.field.meaning, role.field.unit));
    case 'model':
      return describeModel(text);
    case 'parameter':
      return titled(
        `${role.model.name} ${role.index + 1}`,
        `Parameters of the model: ${plain(role.model.parameters)}.`,
      );
    case 'dust':
    case 'dustValue':
      return describeDust(role);
    case 'unknown':
      return undefined;
  }
}

/** A command of a catalog, for hovers and completion. */
export function describeCommand(command: CatalogCommand, written: string): string {
  const others = [command.name, ...command.aliases].filter((name) => name !== written);
  const notes = [
    sentence(command.meaning, command.unit),
    command.range === undefined ? '' : `From ${rangeText(command.range)}.`,
    command.default === undefined ? '' : `Without it: ${code(command.default)}.`,
    command.later === true ? 'Known to later releases only.' : '',
    others.length === 0 ? '' : `Also: ${others.map(code).join(', ')}.`,
  ];
  return titled(written, notes.filter((note) => note !== '').join(' '));
}

const FILTERS = 'ugrizy';

function describeValue(command: CatalogCommand, text: string, index: number): string {
  const letter = command.name === 'filter' && /^[0-5]$/u.test(text) ? FILTERS[Number(text)] : undefined;
  const date = command.name === 'mjd' && index === 0 ? mjdText(Number(text)) : undefined;
  const value = letter === undefined ? date : `${text} is ${letter}`;
  return [
    describeCommand(command, command.name),
    ...(value === undefined ? [] : [`**${plain(value)}**`]),
  ].join('\n\n');
}

/** Day 40587 is the first of 1970. */
function mjdText(mjd: number): string | undefined {
  const time = new Date((mjd - 40_587) * 86_400_000);
  if (!Number.isFinite(time.getTime())) return undefined;
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function describeModel(text: string): string {
  const model = spatialModel(text);
  if (model === undefined) {
    const name = text === 'star' ? 'point' : text;
    const said =
      name === 'point'
        ? `phoSim has no model ${code('star')}; it takes ${code('point')}, as for any word it does not know.`
        : 'phoSim does not know this model and takes a point.';
    return titled(text, said);
  }
  const later = model.later === true ? ' Known to later releases only.' : '';
  return titled(text, `Shape of the source. Parameters: ${plain(model.parameters)}.${later}`);
}

function describeDust(role: Extract<Role, { kind: 'dust' | 'dustValue' }>): string {
  const where = role.frame === 'rest' ? 'in the source, at rest' : 'on the way here, in the laboratory frame';
  if (role.kind === 'dustValue') {
    const meaning =
      role.name === 'A_V' ? 'Extinction in V, magnitudes' : 'A_V over E(B−V), 3.1 in our galaxy';
    return titled(role.name, `${plain(meaning)}; dust ${where}.`);
  }
  return titled(
    'Dust',
    `Dust ${where}: ${code('none')}, or ${code('CCM')} or ${code('calzetti')} with A\\_V and R\\_V.`,
  );
}

function titled(title: string, text: string): string {
  return `${code(title)}\n\n${text}`;
}

function sentence(meaning: string, unit: string): string {
  return `${plain(meaning)}${unit === '' ? '' : `, ${plain(unit)}`}.`;
}

function rangeText([low, high]: readonly [number, number]): string {
  return Number.isFinite(high) ? `${low} to ${high}` : `${low} on`;
}
