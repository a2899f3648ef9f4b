import type { Harness } from './harness.ts';

/** The kinds of themes, with one of each. */
export const THEMES = [
  ['light', 'Light Modern'],
  ['dark', 'Dark Modern'],
  ['highContrast', 'Dark High Contrast'],
] as const;

/** Takes a picture of the window in each kind of theme: `<name>-light`, … */
export async function pictureInEachTheme({ workbench, screenshot }: Harness, name: string): Promise<void> {
  for (const [kind, theme] of THEMES) {
    await workbench.setTheme(theme, kind);
    await screenshot(`${name}-${kind}`);
  }
}
