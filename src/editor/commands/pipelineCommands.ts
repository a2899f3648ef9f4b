import { basename } from 'node:path';
import * as vscode from 'vscode';
import { createDisposables, plural, type Disposable } from '../../watch/index.ts';
import { commands, views, type CommandId } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { DaemonSource } from '../pipeline/daemonSource.ts';
import { isDaemonNode, type DaemonNode } from '../pipeline/daemonTree.ts';
import { EmulatorRun } from '../pipeline/emulatorRun.ts';
import { mailText } from '../pipeline/mailText.ts';
import type { PipelineRuns } from '../pipeline/pipelineRuns.ts';
import type { PipelineSource, ViewNode } from '../pipeline/pipelineSource.ts';
import type { PipelineNode } from '../pipeline/pipelineTree.ts';
import type { PipelineView } from '../pipeline/pipelineView.ts';
import { withProgressIn } from '../vscode/progress.ts';
import { confirm } from '../vscode/prompts.ts';

/** Streams that one run may be asked for here; the command line takes more. */
const MOST_STREAMS = 1000;

export interface PipelineParts {
  readonly runs: PipelineRuns;
  readonly view: PipelineView;
  readonly documents: TextDocuments;
}

/** Commands of the Pipeline view, and the one above a task file. */
export function registerPipelineCommands(
  { register, sandbox }: Pick<Parts, 'register' | 'sandbox'>,
  { runs, view, documents }: PipelineParts,
): Disposable {
  const owned = createDisposables();
  owned.add(register(commands.runInEmulator, (uri) => runInEmulator(uri, sandbox, runs, view)));
  const onRow = (id: CommandId, run: (row: Row) => unknown): void => {
    owned.add(
      register(id, (node) => {
        const row = rowOf(node, view);
        if (row === undefined) throw new NothingToDo('Choose a row of the Pipeline view.');
        return run(row);
      }),
    );
  };
  const onRun = (id: CommandId, run: (row: RunRow) => unknown): void => {
    onRow(id, (row) => {
      if (row.kind !== 'run') throw new NothingToDo('This is for runs of the emulator.');
      return run(row);
    });
  };
  onRow(commands.cancelInstances, cancel);
  onRun(commands.rollBack, async ({ node, run }) => {
    const what = `Roll back ${nameOf(node, run)}?`;
    const detail = 'They run once more, and so does all that waited for them.';
    if (await confirm(what, 'Roll back', detail)) run.rollBack(run.tree.keys(node));
  });
  onRun(commands.stopPipelineRun, ({ run }) => run.stop());
  onRun(commands.goOnPipelineRun, ({ run }) => run.start());
  onRun(commands.removePipelineRun, async ({ run }) => {
    const detail =
      'Its journal and the working directories of its jobs are deleted. The jobs themselves stay in PanDA.';
    if (!(await confirm(`Remove the run of ${run.facts.name}?`, 'Remove', detail))) return;
    await runs.remove(run);
  });
  onRow(commands.showInstanceJob, async (row) => {
    const pandaId = pandaIdOf(row);
    if (pandaId === undefined) throw new NothingToDo('There is no job yet.');
    await vscode.commands.executeCommand(commands.show, { pandaId });
  });
  onRow(commands.copyInstanceKey, async (row) => {
    const key = keyOf(row);
    if (key !== undefined) await vscode.env.clipboard.writeText(key);
  });
  onRow(commands.showPipelineMails, (row) => showMails(row, documents));
  onRow(commands.loadMoreStreams, ({ node, source }) => {
    if (node.kind === 'more' || node.kind === 'moreHeld') source.showMore(node);
  });
  return owned;
}

async function runInEmulator(
  uri: unknown,
  sandbox: Parts['sandbox'],
  runs: PipelineRuns,
  view: PipelineView,
): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new NothingToDo(
      'Task files are not run in a restricted workspace: their scripts would run with your identity.',
    );
  }
  const file = await taskFile(uri);
  if (file === undefined) return;
  const streams = await askForStreams(file);
  if (streams === undefined) return;
  // Started here it is as the settings say.
  await withProgressIn(views.pipeline, async ({ signal }) => (await sandbox()).start({ signal }));
  await view.reveal(await runs.begin({ file, streams }));
}

/** A row of an emulated run, or of what a daemon holds. */
type Row = RunRow | DaemonRow;

interface RunRow {
  readonly kind: 'run';
  readonly node: PipelineNode;
  readonly source: PipelineSource;
  readonly run: EmulatorRun;
}

interface DaemonRow {
  readonly kind: 'daemon';
  readonly node: DaemonNode;
  readonly source: PipelineSource;
  readonly daemon: DaemonSource;
}

function rowOf(value: unknown, view: PipelineView): Row | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('parent' in value))
    return undefined;
  const node = value as ViewNode;
  const source = view.sourceOf(node);
  if (isDaemonNode(node)) {
    return source instanceof DaemonSource ? { kind: 'daemon', node, source, daemon: source } : undefined;
  }
  return source instanceof EmulatorRun ? { kind: 'run', node, source, run: source } : undefined;
}

async function cancel(row: Row): Promise<void> {
  if (row.kind === 'daemon') return cancelHeld(row);
  const { node, run } = row;
  const what = `Cancel ${nameOf(node, run)}?`;
  const detail = 'Process instances that wait end at once; jobs that run end at their next heartbeat.';
  if (await confirm(what, 'Cancel process instances', detail)) run.cancel(run.tree.keys(node));
}

async function cancelHeld({ node, daemon }: DaemonRow): Promise<void> {
  if (node.kind !== 'heldTask' && node.kind !== 'heldStream' && node.kind !== 'heldJob') return;
  const jobs = plural(daemon.cancellable(node), 'job');
  const where =
    node.kind === 'heldTask' ? node.task : `stream ${node.kind === 'heldStream' ? node.stream : ''}`;
  const name = daemon.look(node, 0)?.label ?? '';
  const what = node.kind === 'heldJob' ? `Cancel the job of ${name}?` : `Cancel ${jobs} of ${where}?`;
  const detail =
    'Jobs that wait end at once; jobs that run end at their next heartbeat. The pipeline is told that they failed.';
  if (!(await confirm(what, node.kind === 'heldJob' ? 'Cancel job' : 'Cancel jobs', detail))) return;
  const { refused } = await withProgressIn(views.pipeline, () => daemon.cancel(node));
  if (refused.length > 0)
    throw new NothingToDo(`PanDA does not end ${plural(refused.length, 'job')} of them.`);
}

async function showMails(row: Row, documents: TextDocuments): Promise<void> {
  if (row.kind !== 'daemon' || row.node.kind !== 'heldJob') {
    throw new NothingToDo('Choose a job of a daemon.');
  }
  const { node, daemon } = row;
  const job = daemon.tree.job(node);
  if (job === undefined) throw new NothingToDo('The job is not there any more.');
  const mails = await withProgressIn(views.pipeline, () => daemon.mails(node));
  await documents.show(`Mails of process instance ${job.instance}.txt`, mailText(job, mails));
}

function pandaIdOf(row: Row): number | undefined {
  const { node } = row;
  if (node.kind === 'heldJob')
    return (row.kind === 'daemon' ? row.daemon.tree.job(node)?.pandaId : null) ?? undefined;
  const jobId = node.kind === 'instance' && row.kind === 'run' ? row.run.tree.instance(node)?.jobId : null;
  return jobId === undefined || jobId === null ? undefined : Number(jobId);
}

/** The number of a process instance. */
function keyOf(row: Row): string | undefined {
  if (row.kind === 'daemon') {
    return row.node.kind === 'heldJob' ? row.daemon.tree.job(row.node)?.instance : undefined;
  }
  const [key] = row.node.kind === 'instance' ? row.run.tree.keys(row.node) : [];
  return key === undefined ? undefined : String(key);
}

/** `12 process instances of Stream 3`, or the one by its name. */
function nameOf(node: PipelineNode, run: EmulatorRun): string {
  if (node.kind === 'instance') return node.process;
  const instances = plural(run.tree.keys(node).length, 'process instance');
  const stream = node.kind === 'stream' ? run.tree.stream(node)?.path : undefined;
  return `${instances} of ${stream === undefined ? run.facts.name : `stream ${stream}`}`;
}

async function taskFile(uri: unknown): Promise<string | undefined> {
  const given = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  if (given?.scheme === 'file' && given.fsPath.endsWith('.xml')) return saved(given);
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Task file of the pipeline',
      openLabel: 'Run in the emulator',
      filters: { 'Task files': ['xml'] },
    })) ?? [];
  return chosen?.fsPath;
}

/** What is run is what is seen. */
async function saved(uri: vscode.Uri): Promise<string | undefined> {
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (document?.isDirty === true && !(await document.save())) return undefined;
  return uri.fsPath;
}

async function askForStreams(file: string): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: `Run ${basename(file)} in the emulator`,
    prompt: 'Streams: how often the task is run',
    value: '1',
    validateInput: (value) =>
      streamsOf(value) === undefined ? `Give a whole number from 1 to ${MOST_STREAMS}` : undefined,
  });
  return text === undefined ? undefined : streamsOf(text);
}

function streamsOf(text: string): number | undefined {
  const number = /^\d{1,4}$/u.test(text.trim()) ? Number(text) : 0;
  return number >= 1 && number <= MOST_STREAMS ? number : undefined;
}
