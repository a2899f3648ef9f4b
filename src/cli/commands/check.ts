import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { checkFile, ReadError } from '../../transformations/index.ts';
import type { CheckFileOptions, CheckResult, FileDiagnostic, Severity } from '../../transformations/index.ts';
import { plural } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { catalogSummary } from '../render/catalogSummary.ts';
import { cleanLine } from '../render/style.ts';
import { displayWidth } from '../render/width.ts';
import { UsageError } from '../usageError.ts';

const RED = 31;
const YELLOW = 33;
const BLUE = 34;
const COLOURS: Readonly<Record<Severity, number>> = { error: RED, warning: YELLOW, information: BLUE };

/** One file of the command line; `result` is undefined where it is of no kind that we know. */
interface Checked {
  readonly file: string;
  readonly result?: CheckResult;
  /** Why it was not checked. */
  readonly problem?: string;
}

export const checkCommand: Command = {
  name: 'check',
  summary: 'Checks instance catalogs, command files, pipelines, tasks of the SLAC pipeline and submissions',
  usage: ['check FILE... [options]'],
  options: [
    { name: 'summary', help: 'also tell what each catalog holds' },
    { name: 'sed', value: 'DIR', help: 'folder of spectra: also see whether those of a catalog are there' },
  ],
  examples: ['check phosim_cat_197356.txt', 'check catalogs/*.txt commands.txt --json'],
  async run(context) {
    const { args, out, io } = context;
    if (args.positionals.length === 0) {
      throw new UsageError(
        'There is nothing to check.',
        'Name a file, as in desc-panda check phosim_cat_1.txt',
      );
    }
    await checkFolder(args.text('sed'), io.cwd);
    const all: Checked[] = [];
    for (const file of args.positionals) {
      io.signal.throwIfAborted();
      const checked = await check(file, context);
      all.push(checked);
      out.progress('');
      for (const line of render(checked, context)) out.line(line);
      await out.flush();
    }
    out.result({ files: all.map(checkedShape) });
    if (all.some(({ problem }) => problem !== undefined)) return EXIT.usage;
    return all.some(({ result }) => (result?.counts.error ?? 0) > 0) ? EXIT.jobFailed : EXIT.ok;
  },
};

async function checkFolder(sed: string | undefined, cwd: string): Promise<void> {
  if (sed === undefined) return;
  const isFolder = await stat(resolve(cwd, sed)).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new UsageError(`There is no folder ${cleanLine(sed)}.`, 'Name the folder of spectra with --sed');
}

async function check(file: string, { args, out, io }: CommandContext): Promise<Checked> {
  const sed = args.text('sed');
  let shown = -1;
  const onProgress = (read: number, total: number): void => {
    const percent = Math.floor((100 * read) / Math.max(total, 1));
    if (percent === shown) return;
    shown = percent;
    out.progress(`Checking ${cleanLine(file)}… ${percent} %`);
  };
  try {
    const options: CheckFileOptions = {
      signal: io.signal,
      onProgress,
      environment: io.env,
      roots: [io.cwd],
      ...(sed === undefined ? {} : { sedFolder: resolve(io.cwd, sed) }),
    };
    // Of the pipeline's room only this is needed, and only here.
    const { taskXmlChecker } = await import('../../pipeline/index.ts');
    const result = await checkFile(resolve(io.cwd, file), undefined, options, [taskXmlChecker]);
    return result === undefined
      ? { file, problem: 'it is of no kind that can be checked' }
      : { file, result };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { file, problem: error.message };
  }
}

/** Lines for people: one for each finding, then one for the file. */
function render({ file, result, problem }: Checked, { args, out, io }: CommandContext): string[] {
  const { style } = out;
  if (result === undefined) return [`${cleanLine(file)}: ${style.paint(problem ?? '', RED)}`];
  const rows = result.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    place: cleanLine(placeOf(diagnostic, file, io.cwd)),
  }));
  const width = (texts: readonly string[]): number => Math.max(0, ...texts.map(displayWidth));
  const places = width(rows.map(({ place }) => place));
  const severities = width(rows.map(({ severity }) => severity));
  const codes = width(rows.map(({ code }) => code));
  const lines = rows.map(({ place, severity, code, message }) =>
    [
      pad(place, places),
      style.paint(pad(severity, severities), COLOURS[severity]),
      pad(code, codes),
      cleanLine(message),
    ].join('  '),
  );
  const held = args.flag('summary') ? describe(result) : [];
  return [...lines, style.dim(`${cleanLine(file)}: ${result.label}, ${tally(result)}`), ...held];
}

function describe({ catalog }: CheckResult): readonly string[] {
  return catalog === undefined ? [] : catalogSummary(catalog);
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - displayWidth(text));
}

/** `file:line:column`, as editors and terminals make a link of it. */
function placeOf({ file: included, line, column }: FileDiagnostic, file: string, cwd: string): string {
  const way = included === undefined ? file : relative(cwd, included);
  const name = included !== undefined && (way.startsWith('..') || isAbsolute(way)) ? included : way;
  return column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
}

function tally({ counts, unlisted }: CheckResult): string {
  const parts = [
    counts.error > 0 ? plural(counts.error, 'error') : '',
    counts.warning > 0 ? plural(counts.warning, 'warning') : '',
    counts.information > 0 ? plural(counts.information, 'remark') : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return 'nothing to remark';
  return `${parts.join(', ')}${unlisted > 0 ? `, ${unlisted} of them not listed` : ''}`;
}

function checkedShape({ file, result, problem }: Checked): unknown {
  if (result === undefined) return { file, kind: null, problem };
  const { kind, counts, unlisted, diagnostics, summary = null } = result;
  return { file, kind, counts, unlisted, diagnostics, summary };
}
