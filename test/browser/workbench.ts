import type { FrameLocator, Locator, Page } from 'playwright-core';
import { until } from '../support/until.ts';

/** How long a window may take for anything on a machine that is busy, in milliseconds. */
export const BUSY_MS = 90_000;

/** One visible row of a tree. */
export interface TreeRow {
  /** From 1. */
  readonly level: number;
  readonly label: string;
  readonly description: string;
  /** Undefined for a row that cannot be expanded. */
  readonly expanded: boolean | undefined;
  /** What a screen reader says. */
  readonly spoken: string;
}

/** The parts of a VS Code window that our tests see and touch, by the words a user would. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Resolves when the window can be used. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.page.locator('.monaco-workbench .part.activitybar .action-item').first().waitFor();
  }

  /** Reloads as a user does, so that the editor saves its state first. */
  async reload(): Promise<void> {
    await Promise.all([this.page.waitForEvent('load'), this.command('Developer: Reload Window')]);
    await this.ready();
  }

  /** Runs a command from the palette by its whole title: `PanDA: Submit HelloPanda`. Resolves when the palette has closed. */
  async command(title: string): Promise<void> {
    await this.pickTyped(`>${title}`, title, () => this.page.keyboard.press('F1'));
  }

  /**
   * Opens one of the editor's own lists, types, and picks an entry by its label; resolves when that list has closed. A
   * busy editor misses a key, or opens the list only over what was already typed; so that it is tried again as a user would.
   */
  private async pickTyped(text: string, label: string, open: () => Promise<void>): Promise<void> {
    const entry = this.quickPickEntry(label).first();
    const typed = async (): Promise<boolean> => {
      const [value] = await this.quickInput().evaluateAll((inputs) =>
        inputs.map((input) => (input as HTMLInputElement).value),
      );
      return value === text;
    };
    const offered = async (): Promise<boolean> => {
      if ((await typed()) && (await entry.isVisible())) return true;
      if (!(await typed())) await succeeds(this.quickInput().fill(text, { timeout: 1000 }));
      return false;
    };
    await until(
      `the entry ${label} to be picked`,
      async () => {
        await open();
        const click = async (): Promise<boolean> =>
          (await offered()) && succeeds(entry.click({ timeout: 3000, noWaitAfter: true }));
        if (await succeeds(until(`the entry ${label}`, click, { timeoutMs: 10_000 }))) return true;
        await this.page.keyboard.press('Escape');
        return false;
      },
      { timeoutMs: BUSY_MS, seen: async () => (await this.quickPickLabels()).join('\n') },
    );
    // What was picked may have the window loaded anew, and the list go with it.
    await until(`the list with ${label} to close`, async () => !(await typed().catch(() => false)));
  }

  /** Picks an entry of the open quick pick by its label. */
  async pick(label: string | RegExp): Promise<void> {
    await this.quickPickEntry(label).first().click();
  }

  private quickPickEntry(label: string | RegExp): Locator {
    const name = typeof label === 'string' ? exactly(label) : label;
    return this.quickPickEntries().filter({ has: this.page.locator('.label-name', { hasText: name }) });
  }

  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input[type="text"]');
  }

  quickPickEntries(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
  }

  /** Labels of the open quick pick, in order. */
  async quickPickLabels(): Promise<string[]> {
    return this.quickPickEntries().locator('.quick-input-list-row:first-child .label-name').allInnerTexts();
  }

  /** Opens a view container by the name of its icon, unless it is open. */
  async openContainer(name: string): Promise<void> {
    const icon = this.page.locator('.part.activitybar .action-item', {
      has: this.page.locator(`.action-label[aria-label^="${name}"]`),
    });
    await icon.waitFor();
    if ((await icon.getAttribute('aria-expanded')) === 'true') return;
    const checked = await icon.evaluate((element) => element.classList.contains('checked'));
    if (!checked) await icon.click();
    await this.page.locator('.part.sidebar .composite.title', { hasText: name }).waitFor();
  }

  /** A view of the open container by its title, header and body. */
  view(title: string): Locator {
    return this.page.locator('.part.sidebar .pane', {
      has: this.page.locator(`.pane-header[aria-label^="${title}"]`),
    });
  }

  rows(view: string): Locator {
    return this.view(view).locator('.monaco-list-row[role="treeitem"]');
  }

  /** The row with a label; the newest (topmost) of several. */
  row(view: string, label: string): Locator {
    const name = this.page.locator('.label-name', { hasText: exactly(label) });
    return this.rows(view).filter({ has: name }).first();
  }

  async treeRows(view: string): Promise<TreeRow[]> {
    const rows = await this.rows(view).evaluateAll((elements) =>
      elements.map((element) => {
        const text = (selector: string): string => element.querySelector(selector)?.textContent.trim() ?? '';
        const expanded = element.getAttribute('aria-expanded');
        return {
          top: element.getBoundingClientRect().top,
          row: {
            level: Number(element.getAttribute('aria-level')),
            label: text('.label-name'),
            description: text('.label-description'),
            expanded: expanded === null ? undefined : expanded === 'true',
            spoken: element.getAttribute('aria-label') ?? '',
          },
        };
      }),
    );
    return rows.sort((a, b) => a.top - b.top).map(({ row }) => row);
  }

  /** The visible tree as indented lines, for messages. */
  async treeText(view: string): Promise<string> {
    const rows = await this.treeRows(view);
    return rows
      .map((row) => `${'  '.repeat(row.level)}${row.label} | ${row.description} | ${row.spoken}`)
      .join('\n');
  }

  /** Waits until a visible row satisfies a condition. */
  async waitForRow(
    view: string,
    what: string,
    matches: (row: TreeRow) => boolean,
    timeoutMs = BUSY_MS,
  ): Promise<TreeRow> {
    return until(what, async () => (await this.treeRows(view)).find(matches), {
      timeoutMs,
      seen: () => this.treeText(view),
    });
  }

  /** Opens the context menu of a row; a row that is drawn anew at that moment ignores the click. */
  async openContextMenu(row: Locator): Promise<void> {
    const opened = async (): Promise<boolean> =>
      (await succeeds(row.click({ button: 'right', timeout: 10_000 }))) &&
      succeeds(this.menuItems().first().waitFor({ timeout: 10_000 }));
    await until('a context menu', opened, { timeoutMs: BUSY_MS });
  }

  menuItems(): Locator {
    return this.page.locator('.monaco-menu .action-item:not(.disabled) .action-menu-item');
  }

  /** Picks an item of a row's context menu; a menu that has only just opened ignores clicks. */
  async contextMenu(row: Locator, item: string): Promise<void> {
    await this.openContextMenu(row);
    const entry = this.menuItems().filter({
      has: this.page.locator('.action-label', { hasText: exactly(item) }),
    });
    await entry.waitFor();
    await until('the menu to take a click', async () => {
      await succeeds(entry.click({ timeout: 1000 }));
      return succeeds(entry.waitFor({ state: 'hidden', timeout: 500 }));
    });
  }

  /** Texts of the open context menu. */
  async menuLabels(): Promise<string[]> {
    return this.menuItems().locator('.action-label').allInnerTexts();
  }

  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Answers the open modal dialog; returns what it said. */
  async answerDialog(button: string | RegExp): Promise<string> {
    const dialog = this.dialog();
    await dialog.waitFor();
    const text = (await dialog.locator('.dialog-message-container').innerText()).trim();
    const name = typeof button === 'string' ? exactly(button) : button;
    await dialog.locator('.monaco-button', { hasText: name }).click();
    await dialog.waitFor({ state: 'hidden' });
    return text;
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.pickTyped(name, name, () => this.page.keyboard.press('ControlOrMeta+P'));
    await this.tab(name).waitFor();
  }

  tab(title: string | RegExp): Locator {
    return this.page.locator('.part.editor .tab', { hasText: title });
  }

  /** The page inside the visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');
  }

  /** Waits for a notification, takes it out of the list, closes that, and returns the text; others stay. */
  async takeNotification(text: string | RegExp): Promise<string> {
    await this.openNotifications();
    const item = this.notification(text).first();
    await item.waitFor();
    const said = (await item.locator('.notification-list-item-message').innerText()).trim();
    // Its buttons appear under the pointer.
    await item.hover();
    await item.locator('.codicon-notifications-clear').click();
    await item.waitFor({ state: 'detached' });
    await this.closeNotifications();
    return said;
  }

  /** Opens the list of notifications: a window that is driven shows them nowhere else. */
  async openNotifications(): Promise<void> {
    if (await this.notifications().isVisible()) return;
    await this.command('Notifications: Show Notifications');
    await this.notifications().waitFor();
  }

  private async closeNotifications(): Promise<void> {
    // The list closes by itself after its last one, maybe while its button is looked for.
    await until('the list of notifications to close', async () => {
      if (!(await this.notifications().isVisible())) return true;
      const hide = this.notifications().locator('.codicon-notifications-hide');
      await hide.click({ timeout: 2000 }).catch(() => undefined);
      return undefined;
    });
  }

  private notifications(): Locator {
    return this.page.locator('.notifications-center.visible');
  }

  /** A notification in the open list. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-center .notification-list-item', { hasText: text });
  }

  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item', { hasText: text });
  }

  /** Chooses a colour theme by its label, and waits until the window wears one of its kind. */
  async setTheme(label: string, kind: 'light' | 'dark' | 'highContrast'): Promise<void> {
    const themes = this.page.locator('.quick-input-widget:visible input[placeholder*="Color Theme"]');
    await this.pickTyped(label, label, async () => {
      await this.command('Preferences: Color Theme');
      await themes.waitFor();
    });
    const name = { light: 'vs', dark: 'vs-dark', highContrast: 'hc-black' }[kind];
    await this.page.locator(`.monaco-workbench.${name}`).waitFor();
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}

function succeeds(action: Promise<unknown>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
