import * as vscode from 'vscode';
import { listProfiles } from '../../panda/index.ts';
import {
  choiceOfDescription,
  filesOfChoice,
  findInside,
  localDisk,
  readSubmissionFile,
  writeSubmissionFile,
  type SubmissionDescription,
  type SubmittedChoice,
} from '../../transformations/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { nameInUse } from '../profiles.ts';
import { loadTransformations } from '../submitting/loadTransformations.ts';
import { resubmit } from '../submitting/resubmit.ts';
import { submitDescribed } from '../submitting/submitDescribed.ts';
import { submitFile } from '../submitting/submitFile.ts';
import { useProfile } from '../useProfile.ts';
import { pickOne } from '../vscode/prompts.ts';
import type { FoundRecord } from './records.ts';
import { workspaceFolders } from './workspaceRecords.ts';

/**
 * Asks for the same again: with the form where that can hold it, else as the plan of a submission file. Files are as they
 * are now. Old jobs that were submitted again are so once more, with the very files they had.
 */
export async function submitAgain(
  { record, folder }: FoundRecord,
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  const stays = await chooseProfile(record.profile, parts);
  if (stays === undefined) return;
  if (record.resubmitted.length > 0) {
    await resubmit(record.resubmitted, parts);
    return;
  }
  const asked = stays ? record.asked : elsewhere(record.asked);
  const transformation = loadTransformations(parts.extension.extensionPath).find(
    ({ id }) => id === asked.transformation,
  );
  if (transformation === undefined) {
    throw new NothingToDo(
      `${record.name} ran ${asked.transformation}, which this version of the extension does not know.`,
    );
  }
  const choice = record.file === null ? choiceOfDescription(asked, folder, transformation) : undefined;
  if (choice?.file !== undefined) {
    await refuseOutside(choice, folder);
    const { id } = transformation;
    const uri = vscode.Uri.file(choice.file);
    await submitFile(uri, { transformation: id, options: choice.options }, parts, documents);
    return;
  }
  const described = {
    title: record.name,
    file: readSubmissionFile(writeSubmissionFile(asked)),
    folder,
    roots: [folder, ...workspaceFolders()],
    place: () => record.name,
    origin: () => ({ folder, asked, file: record.file }),
  };
  await submitDescribed(described, false, parts, documents);
}

/** A site, and a profile that a file named, mean nothing to another profile. */
function elsewhere(asked: SubmissionDescription): SubmissionDescription {
  const moved = { ...asked, sites: [] };
  Reflect.deleteProperty(moved, 'profile');
  return moved;
}

/** True to go where the submission went, false to go to the profile in use; undefined when the user leaves. */
async function chooseProfile(went: string, { profiles, sessions }: Parts): Promise<boolean | undefined> {
  const used = await nameInUse(profiles);
  if (used === went) return true;
  const known = listProfiles(await profiles.inputs()).some(({ name }) => name === went);
  if (!known) return false;
  const chosen = await pickOne(
    [
      { label: `$(arrow-swap) Switch to ${went}`, description: 'where it went', value: true },
      { label: `$(server) Stay with ${used}`, description: 'and its own site', value: false },
    ],
    { title: 'Submit again', placeHolder: `It went to ${went}, and ${used} is in use` },
  );
  if (chosen === true) await useProfile(went, sessions);
  return chosen;
}

/** A record may come from anybody, as a submission file may: what lies elsewhere is not sent. */
async function refuseOutside(choice: SubmittedChoice, folder: string): Promise<void> {
  const roots = [folder, ...workspaceFolders()];
  for (const path of filesOfChoice(choice)) {
    const found = await findInside(path, folder, roots, localDisk);
    if (found.kind === 'refused') throw new NothingToDo(`${found.why}.`);
  }
}
