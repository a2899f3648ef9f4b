import {
  CATALOG_COMMANDS,
  DUST_MODELS,
  SPATIAL_MODELS,
  type CatalogCommand,
} from '../../transformations/index.ts';
import { describeCommand, describeModel } from './catalogHover.ts';
import { roleOfNext } from './catalogLine.ts';

/** A word that may be typed here. */
export interface Suggestion {
  readonly label: string;
  readonly kind: 'command' | 'model' | 'value';
  /** A short text beside the label. */
  readonly detail: string;
  readonly markdown: string;
  /** What is typed, with `$1` where the cursor goes; the label where it is left out. */
  readonly snippet?: string;
}

/** What may stand at the cursor; `before` is the line up to the word being typed. */
export function catalogSuggestions(before: string): readonly Suggestion[] {
  const role = roleOfNext(before);
  switch (role.kind) {
    case 'command':
      return commands();
    case 'model':
      return models();
    case 'parameter':
      return [];
    case 'dust':
      return dust();
    case 'value':
      return role.index === 0 ? values(role.command) : [];
    default:
      return [];
  }
}

/** The modern names first: an old name is offered too, as catalogs keep to one generation. */
function commands(): Suggestion[] {
  return CATALOG_COMMANDS.flatMap((command) =>
    [command.name, ...command.aliases].map((label) => ({
      label,
      kind: 'command' as const,
      detail: detailOf(command, label),
      markdown: describeCommand(command, label),
      ...(label === 'object' ? { snippet: OBJECT } : {}),
    })),
  );
}

const OBJECT =
  'object ${1:1} ${2:0.0} ${3:0.0} ${4:20.0} ${5:../sky/sed_flat.txt} 0 0 0 0 0 0 ${6:point} ${7:none} ${8:none}';

function detailOf(command: CatalogCommand, label: string): string {
  const old = label === command.name ? '' : `as ${command.name}`;
  return [command.unit, old].filter((text) => text !== '').join(' · ');
}

function models(): Suggestion[] {
  return [...SPATIAL_MODELS].map(([label, { parameters }]) => ({
    label,
    kind: 'model',
    detail: parameters,
    markdown: describeModel(label),
  }));
}

function dust(): Suggestion[] {
  const named = [...DUST_MODELS].map((label) => ({
    label,
    kind: 'value' as const,
    detail: 'A_V, R_V',
    markdown: 'Dust with this extinction curve.',
    snippet: `${label} \${1:0.1} \${2:3.1}`,
  }));
  return [{ label: 'none', kind: 'value', detail: '', markdown: 'No dust.' }, ...named];
}

function values(command: CatalogCommand | undefined): Suggestion[] {
  if (command?.name === 'filter') {
    return [...'ugrizy'].map((letter, number) => ({
      label: String(number),
      kind: 'value',
      detail: letter,
      markdown: `Filter ${letter} of LSST.`,
    }));
  }
  return command?.default === undefined
    ? []
    : [
        {
          label: command.default,
          kind: 'value',
          detail: 'as without it',
          markdown: describeCommand(command, command.name),
        },
      ];
}
