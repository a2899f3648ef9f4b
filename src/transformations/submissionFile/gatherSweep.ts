import { nearest } from '../nearest.ts';
import { parseParameterTable } from '../sweep/parameterTable.ts';
import { createSweep } from '../sweep/sweep.ts';
import type { Sweep, SweepAxis } from '../sweep/sweep.ts';
import { namesIn } from '../sweep/template.ts';
import type { SubmissionDescription, SweepPart } from './description.ts';
import type { Finder } from './finder.ts';
import type { NotedProblems } from './problems.ts';
import { RESERVED } from './readSubmissionFile.ts';

const LARGEST_TABLE = 64 * 1024 * 1024;

/** Reads what varies, and checks that every text wants only what is there. */
export async function gatherSweep(
  description: SubmissionDescription,
  finder: Finder,
  problems: NotedProblems,
): Promise<Sweep> {
  const axes: SweepAxis[] = [];
  for (const part of description.sweep) axes.push(await axisOf(part, finder, problems));
  const sweep = createSweep(axes);
  const twice = sweep.names.find((name, index) => sweep.names.indexOf(name) !== index);
  if (twice !== undefined && !problems.any)
    problems.note('sweep', `Two things that vary are called ${twice}`);
  // A table that cannot be read has said enough; its columns are not known.
  if (!problems.any) checkNames(description, sweep, problems);
  return sweep;
}

async function axisOf(part: SweepPart, finder: Finder, problems: NotedProblems): Promise<SweepAxis> {
  switch (part.kind) {
    case 'files':
      return { kind: 'list', name: 'file', values: part.files };
    case 'repeat':
      return { kind: 'range', name: 'repeat', from: 1, to: part.count, step: 1 };
    case 'table':
      return readTable(part.file, finder, problems);
    default:
      return part;
  }
}

async function readTable(name: string, finder: Finder, problems: NotedProblems): Promise<SweepAxis> {
  const where = 'sweep.table';
  const file = await finder.read(name, where, LARGEST_TABLE);
  const nothing: SweepAxis = { kind: 'table', columns: [], rows: [] };
  if (file === undefined) return nothing;
  if (file.size > file.content.length) {
    problems.note(where, `${name} is too large for a table`);
    return nothing;
  }
  const text = textOfTable(file.content);
  if (text === undefined) {
    problems.note(where, `${name} is no text in UTF-8: save the table as CSV in UTF-8`);
    return nothing;
  }
  const { columns, rows, diagnostics } = parseParameterTable(text);
  for (const { line, message } of diagnostics) problems.note(where, `${name}, line ${line}: ${message}`);
  const reserved = columns.find((column) => RESERVED.includes(column));
  if (reserved !== undefined) {
    problems.note(where, `${name}: a column cannot be called ${reserved}, as the name has a meaning`);
  }
  return { kind: 'table', columns, rows };
}

/** Undefined for other encodings, of which values would go wrong without a word, and for what is packed. */
function textOfTable(content: Uint8Array): string | undefined {
  try {
    return content.includes(0) ? undefined : new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function checkNames(description: SubmissionDescription, sweep: Sweep, problems: NotedProblems): void {
  const own = description.file === undefined ? ['number'] : ['number', 'file'];
  const known = new Set([...sweep.names, ...own]);
  for (const [where, text] of textsOf(description)) {
    for (const name of namesIn(text)) {
      if (known.has(name)) continue;
      const near = nearest(name, known);
      const advice =
        near === undefined
          ? `write {{${name}}} for the word in braces itself`
          : `{${near}} is probably meant`;
      problems.note(where, `Nothing that varies is called ${name}: ${advice}`);
    }
  }
}

/** The texts that may differ from job to job, with their places. */
function textsOf(description: SubmissionDescription): readonly (readonly [where: string, text: string])[] {
  const { name = '', arguments: words, outputs = [], parameters } = description;
  return [
    ['name', name],
    ...words.map((text, index) => [`arguments[${index}]`, text] as const),
    ...outputs.map((text, index) => [`outputs[${index}]`, text] as const),
    ...Object.entries(parameters).flatMap(([key, texts]) =>
      texts.map((text, index) => [`parameters.${key}[${index}]`, text] as const),
    ),
  ];
}
