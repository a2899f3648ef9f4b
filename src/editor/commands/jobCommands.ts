import * as vscode from 'vscode';
import { createDisposables, plural, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import { registerLinks } from '../links/links.ts';
import { oneJob, ranJob, severalJobs, type JobQuestion } from '../jobs/pickJobs.ts';
import type { Parts } from '../parts.ts';

const anyJob: JobQuestion = {
  title: 'Show log',
  placeHolder: 'Job to show',
  fits: () => true,
  none: 'There are no jobs yet.',
};

/** What one does with a job that is there: look at it, its log, its files; copy its id. */
export function registerJobCommands(parts: Parts): Disposable {
  const owned = createDisposables();
  const { register, sessions } = parts;
  owned.add(registerLinks(parts));
  owned.add(
    register(commands.copyPandaId, async (...args) => {
      const question = { ...anyJob, title: 'Copy PandaID', placeHolder: 'Job whose PandaID to copy' };
      const pandaIds = await severalJobs(args, parts, question);
      if (pandaIds === undefined) return;
      await vscode.env.clipboard.writeText(pandaIds.join('\n'));
      const what = pandaIds.length === 1 ? String(pandaIds[0]) : plural(pandaIds.length, 'PandaID');
      void vscode.window.setStatusBarMessage(`Copied ${what}`, 3000);
    }),
  );
  owned.add(
    register(commands.openInMonitor, async (...args) => {
      const { client, profile } = await sessions.require();
      if (client.monitor === undefined)
        throw new NothingToDo(`The profile ${profile.name} names no monitor.`);
      const pandaId = await oneJob(args, parts, {
        ...anyJob,
        title: 'Open in monitor',
        placeHolder: 'Job to open',
      });
      if (pandaId !== undefined)
        await vscode.env.openExternal(vscode.Uri.parse(client.monitor.jobUrl(pandaId)));
    }),
  );
  owned.add(
    register(commands.openLog, async (...args) => {
      const pandaId = await oneJob(args, parts, {
        title: 'Open log',
        placeHolder: 'Ended job whose log to open',
        fits: ranJob,
        none: 'No job has left a log yet.',
      });
      if (pandaId === undefined) return;
      const { openLog } = await import('../documents/openLog.ts');
      await openLog(pandaId, parts);
    }),
  );
  owned.add(
    register(commands.openOutputs, async (...args) => {
      const { openOutputs } = await import('../outputs/openOutputs.ts');
      const pandaId = await oneJob(args, parts, {
        title: 'Open outputs',
        placeHolder: 'Ended job whose outputs to open',
        fits: ranJob,
        none: 'No job has left outputs yet.',
      });
      if (pandaId !== undefined) await openOutputs(pandaId, parts);
    }),
  );
  return owned;
}

/** Shows a job in the panel; `show` is the panel's. */
export function registerShow(parts: Parts, show: (pandaId: number) => unknown): Disposable {
  return parts.register(commands.show, async (...args) => {
    const pandaId = await oneJob(args, parts, anyJob);
    if (pandaId !== undefined) await show(pandaId);
  });
}
