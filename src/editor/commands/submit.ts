import * as vscode from 'vscode';
import { SANDBOX } from '../../panda/index.ts';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import { isSubmissionName } from '../language/documentKind.ts';
import type { Parts } from '../parts.ts';
import { nameInUse } from '../profiles.ts';
import { readChoices, type SubmitChoices } from '../submitting/submitChoices.ts';
import { useProfile } from '../useProfile.ts';
import { activeFileUri } from '../vscode/activeFile.ts';
import { confirm } from '../vscode/prompts.ts';
import { registerResubmit } from './resubmit.ts';
import { siteName } from './siteCommands.ts';
import { registerSubmissionCommands } from './submissionCommands.ts';

/** Submitting: the file in the editor, HelloPanda, and what was submitted before. What does it is loaded when it is first asked for. */
export function registerSubmitCommands(parts: Parts, documents: TextDocuments): Disposable {
  const owned = createDisposables();
  const submit = async (resource: unknown, choices: SubmitChoices): Promise<void> => {
    const uri = resource instanceof vscode.Uri ? resource : activeFile();
    if (isSubmissionName(uri.path)) {
      const { submitDescription } = await import('../submitting/submitDescription.ts');
      await submitDescription(uri, choices, parts, documents);
      return;
    }
    const { submitFile } = await import('../submitting/submitFile.ts');
    await submitFile(uri, choices, parts, documents);
  };
  owned.add(parts.register(commands.submit, (resource, choices) => submit(resource, readChoices(choices))));
  owned.add(
    parts.register(commands.submitToSandbox, async (resource, choices) => {
      if (await useSandbox(parts)) await submit(resource, readChoices(choices));
    }),
  );
  owned.add(parts.register(commands.dryRun, (resource) => submit(resource, { dryRun: true })));
  owned.add(
    parts.register(commands.submitHere, (node) => {
      const site = siteName(node);
      return submit(undefined, site === undefined ? {} : { options: { site } });
    }),
  );
  owned.add(
    parts.register(commands.hello, async () => {
      const { submitHello } = await import('../submitting/submitHello.ts');
      await submitHello(parts);
    }),
  );
  owned.add(registerResubmit(parts));
  owned.add(registerSubmissionCommands(parts, documents));
  return owned;
}

function activeFile(): vscode.Uri {
  const uri = activeFileUri();
  if (uri === undefined)
    throw new NothingToDo('No file is open. Open the file that is to run, then submit it.');
  return uri;
}

/** Talks to the sandbox from now on; false when the user would rather not. */
async function useSandbox({ sessions, profiles }: Parts): Promise<boolean> {
  const name = await nameInUse(profiles);
  if (name === SANDBOX) return true;
  const question = `The profile in use is ${name}. Switch to the sandbox?`;
  if (!(await confirm(question, 'Switch', `Jobs of ${name} go on, and are shown again with its profile.`))) {
    return false;
  }
  await useProfile(SANDBOX, sessions);
  return true;
}
