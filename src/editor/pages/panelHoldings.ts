import type { WebviewPanel } from 'vscode';
import { toDisposable, type Disposable } from '../../watch/index.ts';

/** What panels hold: let go of with each panel when it is closed, and all of it at the end. */
export interface PanelHoldings extends Disposable {
  /** Takes ownership and hands the same object back. */
  add<T extends Disposable>(view: Pick<WebviewPanel, 'onDidDispose'>, held: T): T;
}

export function createPanelHoldings(): PanelHoldings {
  const all = new Set<Disposable>();
  return {
    add(view, held) {
      const end = toDisposable(() => {
        all.delete(end);
        held.dispose();
      });
      all.add(end);
      view.onDidDispose(() => end.dispose());
      return held;
    },
    dispose() {
      for (const end of [...all]) end.dispose();
    },
  };
}
