import * as vscode from 'vscode';
import { DatacatError, ensureFolder, registerFile } from '../../datacat/index.ts';
import type { DatacatClient, Registration } from '../../datacat/index.ts';
import { findJobRecord, outputDatasets, plural } from '../../watch/index.ts';
import type { OutputDataset } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { FileLists } from '../outputs/fileLists.ts';
import type { Session } from '../session.ts';
import { withNotification } from '../vscode/progress.ts';
import { confirm, tell } from '../vscode/prompts.ts';

/** What datasets are called by default; a catalog has to know it. */
const DATA_TYPE = 'PANDA';

/** Where outputs were registered the last time. */
const FOLDER_KEY = 'catalog.folder';

/** Registers the outputs of a finished job where the user says; returns the folder, or undefined where they leave. */
export async function registerOutputs(
  session: Session,
  client: DatacatClient,
  pandaId: number,
  { fileLists, memory }: { readonly fileLists: FileLists; readonly memory: vscode.Memento },
): Promise<string | undefined> {
  const outputs = await outputsOf(session, pandaId, fileLists);
  const folder = await askForFolder(plural(outputs.length, 'output'), pandaId, memory);
  if (folder === undefined) return undefined;
  const dataType = await vscode.window.showInputBox({
    title: 'Data type',
    prompt: 'One that the data catalog knows',
    value: DATA_TYPE,
    validateInput: (text) =>
      /^\S{1,32}$/u.test(text) ? undefined : 'A word of at most 32 characters, as LSSTSIM',
  });
  if (dataType === undefined) return undefined;
  await memory.update(FOLDER_KEY, folder);
  const title = `Registering ${plural(outputs.length, 'output')} of job ${pandaId}`;
  const done = await withNotification(title, async ({ signal, report }) => {
    await ensureFolder(client, folder, { signal });
    const all: Registration[] = [];
    for (const [index, output] of outputs.entries()) {
      report(`${index + 1} of ${outputs.length}`);
      all.push(await registerOne(client, folder, { ...output, dataType }, signal));
    }
    return all;
  });
  const fresh = done.filter(({ outcome }) => outcome !== 'known').length;
  const rest = done.length - fresh;
  const text =
    fresh === 0
      ? `${plural(rest, 'output')} of job ${pandaId} were registered in ${folder} before.`
      : `Registered ${plural(fresh, 'output')} of job ${pandaId} in ${folder}.`;
  void tell('information', text);
  return folder;
}

async function registerOne(
  client: DatacatClient,
  folder: string,
  file: OutputDataset & { readonly dataType: string },
  signal: AbortSignal,
): Promise<Registration> {
  try {
    return await registerFile(client, folder, file, { signal });
  } catch (error) {
    if (!(error instanceof DatacatError) || error.kind !== 'exists') throw error;
    const question = `Register ${file.name} as a new version?`;
    const detail = `${folder} has a dataset of this name, with another file.`;
    if (!(await confirm(question, 'New version', detail))) throw error;
    return registerFile(client, folder, file, { signal, newVersion: true });
  }
}

async function outputsOf(
  session: Session,
  pandaId: number,
  fileLists: FileLists,
): Promise<readonly OutputDataset[]> {
  const record = await findJobRecord(session.client, pandaId);
  if (record === null) throw new NothingToDo(`PanDA does not know job ${pandaId}.`);
  if (record.jobStatus !== 'finished') {
    throw new NothingToDo(
      `Job ${pandaId} is ${record.jobStatus}. Outputs of finished jobs can be registered.`,
    );
  }
  const { files } = await fileLists.of(session, pandaId);
  const outputs = outputDatasets(record, files);
  if (outputs.length === 0) throw new NothingToDo(`Job ${pandaId} left no outputs.`);
  return outputs;
}

function askForFolder(what: string, pandaId: number, memory: vscode.Memento): Thenable<string | undefined> {
  const before: unknown = memory.get(FOLDER_KEY);
  return vscode.window.showInputBox({
    title: 'Register outputs in the data catalog',
    prompt: `Folder for ${what} of job ${pandaId}; it is made where it is missing`,
    value: typeof before === 'string' ? before : '/',
    validateInput: (text) =>
      /^\/[^/]/u.test(text.trim()) ? undefined : 'The path of a folder, as /desc/run1',
  });
}
