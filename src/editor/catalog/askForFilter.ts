import * as vscode from 'vscode';
import { filterHelp } from './filterCompletion.ts';

interface Line extends vscode.QuickPickItem {
  /** What the box holds when this is chosen; undefined for the search itself. */
  readonly filter: string | undefined;
}

/** Asks for a filter, completing names; undefined when the user leaves. */
export function askForFilter(
  path: string,
  before: string,
  names: Iterable<string>,
): Promise<string | undefined> {
  const box = vscode.window.createQuickPick<Line>();
  box.title = `Search the data catalog in ${path}`;
  box.placeholder = 'nRun > 6200 and name =~ "*.fits"';
  box.value = before;
  box.ignoreFocusOut = true;
  const draw = (): void => {
    const { problem, completions } = filterHelp(box.value, names);
    const search: Line = {
      label:
        problem === undefined ? `$(search) ${box.value.trim() || 'All datasets'}` : `$(warning) ${problem}`,
      alwaysShow: true,
      filter: undefined,
    };
    const lines = completions.map(({ name, note, filter }): Line => ({
      label: name,
      description: note,
      alwaysShow: true,
      filter,
    }));
    box.items = [search, ...lines];
    // Enter goes on with a word that is not whole, else it searches.
    const [completion] = problem !== undefined && /\w$/u.test(box.value) ? lines : [];
    box.activeItems = [completion ?? search];
  };
  draw();
  return new Promise((resolve) => {
    box.onDidChangeValue(draw);
    box.onDidAccept(() => {
      const [line] = box.activeItems;
      if (line?.filter !== undefined) {
        box.value = line.filter;
        draw();
        return;
      }
      if (filterHelp(box.value, names).problem !== undefined) return;
      resolve(box.value.trim());
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}
