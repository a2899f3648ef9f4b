import { basename } from 'node:path';
import * as vscode from 'vscode';
import { createDisposables, plural, type Disposable } from '../../watch/index.ts';
import { commands, views, type CommandId } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { PipelineRun } from '../pipeline/pipelineRun.ts';
import type { PipelineRuns } from '../pipeline/pipelineRuns.ts';
import type { PipelineNode } from '../pipeline/pipelineTree.ts';
import type { PipelineView } from '../pipeline/pipelineView.ts';
import { withProgressIn } from '../vscode/progress.ts';
import { confirm } from '../vscode/prompts.ts';

/** Streams that one run may be asked for here; the command line takes more. */
const MOST_STREAMS = 1000;

/** Commands of the Pipeline view, and the one above a task file. */
export function registerPipelineCommands(
  { register, sandbox }: Pick<Parts, 'register' | 'sandbox'>,
  runs: PipelineRuns,
  view: PipelineView,
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
  onRow(commands.cancelInstances, async ({ node, run }) => {
    const what = `Cancel ${nameOf(node, run)}?`;
    const detail = 'Process instances that wait end at once; jobs that run end at their next heartbeat.';
    if (await confirm(what, 'Cancel process instances', detail)) run.cancel(run.tree.keys(node));
  });
  onRow(commands.rollBack, async ({ node, run }) => {
    const what = `Roll back ${nameOf(node, run)}?`;
    const detail = 'They run once more, and so does all that waited for them.';
    if (await confirm(what, 'Roll back', detail)) run.rollBack(run.tree.keys(node));
  });
  onRow(commands.stopPipelineRun, ({ run }) => run.stop());
  onRow(commands.goOnPipelineRun, ({ run }) => run.start());
  onRow(commands.removePipelineRun, async ({ run }) => {
    const detail =
      'Its journal and the working directories of its jobs are deleted. The jobs themselves stay in PanDA.';
    if (!(await confirm(`Remove the run of ${run.facts.name}?`, 'Remove', detail))) return;
    await runs.remove(run);
  });
  onRow(commands.showInstanceJob, async ({ node, run }) => {
    const jobId = node.kind === 'instance' ? run.tree.instance(node)?.jobId : undefined;
    if (jobId === undefined || jobId === null) throw new NothingToDo('There is no job yet.');
    await vscode.commands.executeCommand(commands.show, { pandaId: Number(jobId) });
  });
  onRow(commands.copyInstanceKey, async ({ node, run }) => {
    const [key] = run.tree.keys(node);
    if (node.kind === 'instance' && key !== undefined) await vscode.env.clipboard.writeText(String(key));
  });
  onRow(commands.loadMoreStreams, ({ node }) => {
    if (node.kind === 'more') view.showMore(node);
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

interface Row {
  readonly node: PipelineNode;
  readonly run: PipelineRun;
}

function rowOf(value: unknown, view: PipelineView): Row | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('parent' in value))
    return undefined;
  const node = value as PipelineNode;
  const run = view.runOf(node);
  return run === undefined ? undefined : { node, run };
}

/** `12 process instances of Stream 3`, or the one by its name. */
function nameOf(node: PipelineNode, run: PipelineRun): string {
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
