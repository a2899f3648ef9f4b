import * as vscode from 'vscode';
import { recordIdOf } from '../../transformations/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import { submissionOfKey } from '../../watch/index.ts';
import { pandaIdsOf, rowsOf, taskKeyOfRow } from '../jobs/jobTargets.ts';
import type { Parts } from '../parts.ts';
import { activeFileUri } from '../vscode/activeFile.ts';
import { compareSubmissions } from './compareSubmissions.ts';
import { pickSubmission, type RecordAction, type SubmissionQuestion } from './pickSubmission.ts';
import type { FoundRecord } from './records.ts';
import { showSubmission } from './showSubmission.ts';
import { submitAgain } from './submitAgain.ts';
import { workspaceRecords } from './workspaceRecords.ts';

/** What can be done with records. The arguments are those that the editor gives to commands. */
export interface RecordCommands {
  /** A picker of all; each entry has buttons for the rest. */
  list(): Promise<void>;
  show(args: readonly unknown[]): Promise<void>;
  submitAgain(args: readonly unknown[]): Promise<void>;
  /** Of two selected rows, or of one record and another that is asked for. */
  compare(args: readonly unknown[]): Promise<void>;
}

const again: RecordAction = { icon: 'debug-rerun', tooltip: 'Submit again…' };
const against: RecordAction = { icon: 'diff', tooltip: 'Compare with another…' };

export function createRecordCommands(parts: Parts, documents: TextDocuments): RecordCommands {
  const records = workspaceRecords(parts);
  const ask = (question: SubmissionQuestion) => pickSubmission(records, parts.sessions.current, question);
  const one = async (question: SubmissionQuestion): Promise<FoundRecord | undefined> =>
    (await ask(question))?.found;
  const show = (found: FoundRecord): Promise<void> => showSubmission(found, records, parts.sessions.current);
  const compareWith = async (first: FoundRecord): Promise<void> => {
    const { id, name } = first.record;
    const question = {
      title: `Compare ${name}`,
      placeHolder: 'The submission to compare it with',
      except: id,
    };
    const second = await one(question);
    if (second !== undefined) await compareSubmissions(first.record, second.record, documents);
  };
  return {
    async list() {
      const question = {
        title: 'Submissions from this workspace',
        placeHolder: 'Enter shows the record',
        actions: [again, against],
      };
      const picked = await ask(question);
      if (picked === undefined) return;
      if (picked.action === again) await submitAgain(picked.found, parts, documents);
      else if (picked.action === against) await compareWith(picked.found);
      else await show(picked.found);
    },
    async show(args) {
      const [given] = await givenRecords(args, parts);
      const question = { title: 'Show submission', placeHolder: 'The submission to show' };
      const found = given ?? (await one(question));
      if (found !== undefined) await show(found);
    },
    async submitAgain(args) {
      const [given] = await givenOrOpen(args, parts);
      const question = { title: 'Submit again', placeHolder: 'The submission to make once more' };
      const found = given ?? (await one(question));
      if (found !== undefined) await submitAgain(found, parts, documents);
    },
    async compare(args) {
      const [first, second] = await givenOrOpen(args, parts);
      if (first !== undefined && second !== undefined) {
        await compareSubmissions(first.record, second.record, documents);
        return;
      }
      const question = { title: 'Compare submissions', placeHolder: 'The first of two submissions' };
      const found = first ?? (await one(question));
      if (found !== undefined) await compareWith(found);
    },
  };
}

/** The records that a command was called for, or the one that is open in front. */
async function givenOrOpen(args: readonly unknown[], parts: Parts): Promise<readonly FoundRecord[]> {
  const given = await givenRecords(args, parts);
  if (given.length > 0) return given;
  const uri = activeFileUri();
  const id = uri === undefined ? undefined : recordIdOf(uri.fsPath);
  const found = id === undefined ? undefined : await workspaceRecords(parts).find(id);
  return found === undefined ? [] : [found];
}

/** Those of the rows, or of the file, that a command was called for; none where it was called without any. */
async function givenRecords(args: readonly unknown[], parts: Parts): Promise<readonly FoundRecord[]> {
  const ids = givenIds(args, parts);
  const found: FoundRecord[] = [];
  for (const id of ids) {
    const record = await workspaceRecords(parts).find(id);
    if (record !== undefined) found.push(record);
  }
  if (ids.length > 0 && found.length === 0) {
    throw new NothingToDo(
      'There is no record of this submission in the workspace: it was made from elsewhere, or with another program.',
    );
  }
  return found;
}

function givenIds(args: readonly unknown[], { sessions, jobsView }: Parts): readonly string[] {
  const [first] = args;
  if (first instanceof vscode.Uri) return [recordIdOf(first.fsPath) ?? first.fsPath];
  const tasks = rowsOf(args).flatMap((row) => taskKeyOfRow(row) ?? []);
  if (tasks.length > 0) return [...new Set(tasks.map(submissionOfKey))];
  const pandaIds = pandaIdsOf(args, jobsView.provider.tree, 1) ?? [];
  // A job of another program belongs to no submission, and has no record.
  const ids = pandaIds.map((pandaId) => sessions.current?.store.get(pandaId)?.submissionId ?? '');
  return [...new Set(ids.map(submissionOfKey))];
}
