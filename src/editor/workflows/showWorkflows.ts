import * as vscode from 'vscode';
import { systemClock } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { withNotification } from '../vscode/progress.ts';
import { pickOne } from '../vscode/prompts.ts';
import { toldWhen, workflowEntry } from './workflowTexts.ts';

/** Lets the user pick one of the workflows of the last days, the newest first, and opens its page in the monitor. */
export async function showWorkflows({ sessions }: Parts): Promise<void> {
  const { client, profile } = await sessions.require();
  const { monitor } = client;
  if (monitor === undefined) {
    throw new NothingToDo(
      `The profile ${profile.name} names no monitor, and only a monitor knows workflow requests.`,
    );
  }
  const { asOf, workflows } = await withNotification(
    'Asking the monitor for workflow requests',
    ({ signal }) => monitor.workflows({ signal }),
  );
  if (workflows.length === 0) {
    throw new NothingToDo(
      'The monitor lists no workflow request of the last days. A new one may take 20 minutes to appear.',
    );
  }
  const now = systemClock.now();
  const choices = workflows.map((workflow) => ({
    ...workflowEntry(workflow, now),
    value: workflow.requestId,
  }));
  const requestId = await pickOne(choices, {
    title: 'Workflow requests',
    placeHolder: `Request to open in the monitor, by name, number, user or status (${toldWhen(asOf, now)})`,
  });
  if (requestId === undefined) return;
  await vscode.env.openExternal(vscode.Uri.parse(monitor.workflowUrl(requestId)));
}
