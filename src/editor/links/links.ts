import * as vscode from 'vscode';
import { listProfiles } from '../../panda/index.ts';
import { createDisposables } from '../../watch/index.ts';
import type { Disposable } from '../../watch/index.ts';
import { commands, views } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import { oneJob } from '../jobs/pickJobs.ts';
import type { Parts } from '../parts.ts';
import { nameInUse } from '../profiles.ts';
import { confirm } from '../vscode/prompts.ts';
import { writeSetting } from '../vscode/settings.ts';
import { linkText, parseLink } from './jobLink.ts';
import type { Link } from './jobLink.ts';

/** Links to jobs and tasks: to copy one, and to open those that others sent. */
export function registerLinks(parts: Parts): Disposable {
  const owned = createDisposables();
  owned.add(
    parts.register(commands.copyLink, async (...args) => {
      const { profile } = await parts.sessions.require();
      const id = await oneJob(args, parts, {
        title: 'Copy link',
        placeHolder: 'Job to link to',
        fits: () => true,
        none: 'There are no jobs yet.',
      });
      if (id === undefined) return;
      await vscode.env.clipboard.writeText(
        linkText(vscode.env.uriScheme, { kind: 'job', id, profile: profile.name }),
      );
      void vscode.window.setStatusBarMessage(`Copied the link to job ${id}`, 3000);
    }),
  );
  owned.add(
    vscode.window.registerUriHandler({
      handleUri: (uri) =>
        openLink(parts, uri).catch((error: unknown) => {
          parts.errors.show(error);
        }),
    }),
  );
  return owned;
}

async function openLink(parts: Parts, uri: vscode.Uri): Promise<void> {
  const link = parseLink(uri.path, uri.query);
  if (link === undefined) {
    throw new NothingToDo('This link names no job or task of PanDA.');
  }
  if (!(await isProfileInUse(parts, link))) return;
  if (link.kind === 'job') {
    await vscode.commands.executeCommand(commands.show, { pandaId: link.id });
    await parts.jobsView.reveal(link.id);
    return;
  }
  await showTask(link.id, parts);
}

/** Mine in the tree, somebody else's in the monitor. */
async function showTask(taskId: number, parts: Parts): Promise<void> {
  const { client, profile, tasks } = await parts.sessions.require();
  await tasks.refresh();
  if (tasks.tasks.has(taskId)) {
    await vscode.commands.executeCommand(`${views.jobs}.focus`);
    await parts.jobsView.revealTask(taskId);
    return;
  }
  if (client.monitor === undefined) {
    throw new NothingToDo(
      `Task ${taskId} is not one of yours of the last week, and the profile ${profile.name} names no monitor.`,
    );
  }
  await vscode.env.openExternal(vscode.Uri.parse(client.monitor.taskUrl(taskId)));
}

/** Somebody else's link changes what the window talks to only when its user says so, and only to a profile that is known here. */
async function isProfileInUse({ profiles, sessions }: Parts, { kind, id, profile }: Link): Promise<boolean> {
  const now = await nameInUse(profiles);
  if (profile === undefined || profile === now) return true;
  if (!listProfiles(await profiles.inputs()).some(({ name }) => name === profile)) {
    throw new NothingToDo(
      `The link to ${kind} ${id} is for the profile “${profile}”, which is not configured here.`,
    );
  }
  const question = `Switch from profile ${now} to ${profile} to open ${kind} ${id}?`;
  const detail = 'A link asks for it. All views of this window then show that profile.';
  if (!(await confirm(question, 'Switch profile', detail))) return false;
  await writeSetting('profile', profile);
  // The setting's change opens the session anew; what is shown next must not meet the old one.
  await sessions.reopen();
  return true;
}
