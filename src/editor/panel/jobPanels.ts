import * as vscode from 'vscode';
import { createDisposables } from '../../watch/index.ts';
import type { Disposable } from '../../watch/index.ts';
import { JOB_PANEL } from '../contributions.ts';
import { createPanelHoldings } from '../pages/panelHoldings.ts';
import type { JobPanel } from './jobPanel.ts';
import { keptJob } from './keptJob.ts';
import type { PanelParts } from './panelView.ts';

/** The panels of this window. */
export interface JobPanels extends Disposable {
  /** Shows a job in its panel, made or brought to the front. */
  show(pandaId: number): Promise<void>;
}

/** Panels of jobs, one a job, and their coming back after the window was reloaded. What fills them is loaded with the first. */
export function createJobPanels(parts: PanelParts): JobPanels {
  const owned = createDisposables();
  const holdings = owned.add(createPanelHoldings());
  const open = new Map<number, { readonly view: vscode.WebviewPanel; readonly panel: Promise<JobPanel> }>();

  const fill = async (
    view: vscode.WebviewPanel,
    pandaId: number,
    profile: string | undefined,
  ): Promise<JobPanel> => {
    const { fillView } = await import('./panelView.ts');
    const { panel, resources } = fillView(view, parts, { pandaId, profile }, (other) => void show(other));
    holdings.add(view, resources);
    return panel;
  };
  const adopt = (
    view: vscode.WebviewPanel,
    pandaId: number,
    profile: string | undefined,
  ): Promise<JobPanel> => {
    const panel = fill(view, pandaId, profile);
    open.set(pandaId, { view, panel });
    view.onDidDispose(() => open.delete(pandaId));
    return panel;
  };
  const show: JobPanels['show'] = async (pandaId) => {
    const known = open.get(pandaId);
    known?.view.reveal();
    await (known?.panel ?? adopt(newView(pandaId), pandaId, undefined));
  };
  owned.add(
    vscode.window.registerWebviewPanelSerializer(JOB_PANEL, {
      async deserializeWebviewPanel(view, state: unknown) {
        const kept = keptJob(state);
        if (kept === undefined || open.has(kept.pandaId)) view.dispose();
        else await adopt(view, kept.pandaId, kept.profile);
      },
    }),
  );
  return { show, dispose: () => owned.dispose() };
}

function newView(pandaId: number): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(JOB_PANEL, `Job ${pandaId}`, vscode.ViewColumn.Active);
}
