import { PHYSICS_COMMANDS, physicsCommand, type PhysicsCommand } from '../../transformations/index.ts';
import { codeSpan, escapeMarkdown } from '../markdown.ts';
import type { Suggestion } from './catalogCompletion.ts';
import { catalogHover, type HoverText } from './catalogHover.ts';
import { splitWords } from './catalogLine.ts';

const values: Readonly<Record<PhysicsCommand['value'], string>> = {
  none: 'Stands alone.',
  switch: '0 or 1.',
  number: 'A number.',
  words: 'One or several values.',
};

/** What a command of a command file does; those of catalogs may stand there too. */
export function commandFileHover(line: string, column: number): HoverText | undefined {
  const [word] = splitWords(line);
  const command = word === undefined ? undefined : physicsCommand(word.text);
  if (word === undefined || command === undefined) return catalogHover(line, column);
  if (column < word.from || column >= word.to) return undefined;
  return { from: word.from, to: word.to, markdown: describe(command) };
}

/** The commands, where one may stand; `before` is the line up to the word being typed. */
export function commandFileSuggestions(before: string): readonly Suggestion[] {
  if (before.trim() !== '') return [];
  return PHYSICS_COMMANDS.map((command) => ({
    label: command.name,
    kind: 'command',
    detail: '',
    markdown: describe(command),
  }));
}

function describe({ name, meaning, value }: PhysicsCommand): string {
  return `${codeSpan(name)}\n\n${escapeMarkdown(meaning)}. ${values[value]}`;
}
