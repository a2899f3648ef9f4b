/** The built page of the panel in a browser, joined to the real host side of it; what lies behind that is made up. */
import type { Browser, Page } from 'playwright-core';
import { JobPanel, type JobPanelDeps } from '../../../src/editor/panel/jobPanel.ts';
import { createLogTail, systemClock } from '../../../src/watch/index.ts';
import { openServedPage, type Theme } from './servedPage.ts';

export type { Theme };

export interface PageOptions {
  readonly browser: Browser;
  readonly sessions: JobPanelDeps['sessions'];
  readonly pandaId: number;
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
}

export interface PageHarness {
  readonly page: Page;
  readonly panel: JobPanel;
  /** What the page asked the host's surroundings to do, in order: `cancel 42`, `copy …`. */
  readonly acts: string[];
  /** Violations of the content security policy, and errors of the page's script. */
  readonly faults: string[];
  /** The editor throws a hidden page away, and makes it anew. */
  hideAndShow(): Promise<void>;
  dispose(): Promise<void>;
}

export async function openPage(options: PageOptions): Promise<PageHarness> {
  const acts: string[] = [];
  const { browser, sessions, pandaId, theme, width, height } = options;
  const made: { panel?: JobPanel } = {};
  const there = await openServedPage({
    browser,
    name: 'panel',
    theme,
    width,
    height,
    join(post) {
      const panel = new JobPanel(
        deps(sessions, acts),
        { post, setTitle: () => undefined },
        pandaId,
        undefined,
      );
      made.panel = panel;
      return (message) => panel.receive(message);
    },
  });
  const { panel } = made;
  if (panel === undefined) throw new Error('the page was never joined to its host');
  return {
    page: there.page,
    panel,
    acts,
    faults: there.faults,
    async hideAndShow() {
      panel.setVisible(false);
      await there.hide();
      panel.setVisible(true);
      await there.show();
    },
    async dispose() {
      panel.dispose();
      await there.dispose();
    },
  };
}

function deps(sessions: PageOptions['sessions'], acts: string[]): JobPanelDeps {
  return {
    sessions,
    clock: systemClock,
    openTail: (source, file) => createLogTail(source, file, { clock: systemClock, random: Math.random }),
    act: (action, pandaId) => acts.push(`${action} ${pandaId}`),
    openLog: (pandaId, file) => acts.push(`openLog ${pandaId} ${file}`),
    openFile: (pandaId, name) => acts.push(`openFile ${pandaId} ${name}`),
    openJob: (pandaId) => acts.push(`openJob ${pandaId}`),
    copy: (text) => acts.push(`copy ${text}`),
    note: () => undefined,
  };
}
