import assert from 'node:assert/strict';
import { createPanelHoldings } from '../../../src/editor/pages/panelHoldings.ts';

/** A panel that can be closed. */
function panel() {
  const listeners: ((value: void) => void)[] = [];
  return {
    onDidDispose: (listener: (value: void) => void) => {
      listeners.push(listener);
      return { dispose: () => undefined };
    },
    close: () => {
      for (const listener of listeners) listener();
    },
  };
}

describe('what panels hold', () => {
  it('is let go of once, with its panel or at the end', () => {
    const ended: string[] = [];
    const held = (name: string) => ({ dispose: () => ended.push(name) });
    const holdings = createPanelHoldings();
    const [first, second] = [panel(), panel()];
    holdings.add(first, held('first'));
    holdings.add(second, held('second'));
    first.close();
    assert.deepEqual(ended, ['first']);
    holdings.dispose();
    second.close();
    assert.deepEqual(ended, ['first', 'second']);
  });
});
