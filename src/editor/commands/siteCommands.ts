import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import type { SitesView } from '../sites/sitesView.ts';
import { pickOne } from '../vscode/prompts.ts';
import { writeSetting } from '../vscode/settings.ts';
import * as vscode from 'vscode';

/** Commands of the Sites view. */
export function registerSiteCommands(parts: Parts, sitesView: SitesView): Disposable {
  const owned = createDisposables();
  const { register, jobsView } = parts;
  const showJobs = async (filter: string): Promise<void> => {
    await jobsView.setFilter(filter);
    await vscode.commands.executeCommand(commands.showJobs);
  };
  owned.add(
    register(commands.setDefaultSite, async (node) => {
      await parts.sessions.require();
      const site = siteName(node) ?? (await pickSite(sitesView, 'Set default site'));
      if (site === undefined) return;
      await writeSetting('site', site);
      void vscode.window.setStatusBarMessage(`Jobs now go to ${site}`, 3000);
    }),
  );
  owned.add(
    register(commands.showSiteJobs, async (node) => {
      const site = siteName(node) ?? (await pickSite(sitesView, 'Show my jobs at site'));
      if (site !== undefined) await showJobs(site);
    }),
  );
  owned.add(
    register(commands.showSiteFailures, async (node) => {
      const site = siteName(node) ?? (await pickSite(sitesView, 'Show failures at site'));
      if (site !== undefined) await showJobs(`failed ${site}`);
    }),
  );
  return owned;
}

/** The site of a row, or of a call with `{ name }`. */
export function siteName(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !('name' in node)) return undefined;
  return typeof node.name === 'string' ? node.name : undefined;
}

async function pickSite(sitesView: SitesView, title: string): Promise<string | undefined> {
  const choices = sitesView
    .read()
    .then((sites) =>
      sites.map(({ spec }) => ({ label: spec.name, description: spec.status, value: spec.name })),
    );
  return pickOne(choices, { title, placeHolder: 'Site' });
}
