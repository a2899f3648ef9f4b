import { formatTime } from '../watch/index.ts';
import { escapeMarkdown } from './markdown.ts';

/** A fact by its name; without a value it is left out. */
export type Fact = readonly [name: string, value: string | null];

/** Markdown lines of a table of what is known. */
export function factTable(facts: readonly Fact[]): readonly string[] {
  const known = facts.filter(([, value]) => value !== null && value !== '');
  return [
    '| | |',
    '|---|---|',
    ...known.map(([name, value]) => `| ${name} | ${escapeMarkdown(value ?? '')} |`),
  ];
}

/** Markdown of a title above a table of what is known. */
export function titledTable(title: string, facts: readonly Fact[]): string {
  return [`**${escapeMarkdown(title)}**`, '', ...factTable(facts)].join('\n');
}

/** A time (epoch milliseconds) as the value of a fact. */
export function timeFact(value: number | null): string | null {
  return value === null ? null : formatTime(value);
}
