import assert from 'node:assert/strict';
import { createRedraw } from '../../../src/cli/render/redraw.ts';

describe('lines drawn over those before', () => {
  it('go back as many rows as those took, wrapped ones and wide letters too', () => {
    const printed: string[] = [];
    const { draw, clear } = createRedraw((text) => printed.push(text), 10);
    draw(['\u001b[31mtwelve chars\u001b[39m', '', '0123456789', '数数数数数数']);
    draw(['short']);
    clear();
    clear();
    assert.deepEqual(printed.slice(1), ['\u001b[6A\r\u001b[Jshort\n', '\u001b[1A\r\u001b[J', '']);
  });

  it('take a row each where the terminal does not say how wide it is', () => {
    for (const width of [undefined, 0]) {
      const printed: string[] = [];
      const { draw } = createRedraw((text) => printed.push(text), width);
      draw(['x'.repeat(500), 'y']);
      draw(['z']);
      assert.equal(printed[1], '\u001b[2A\r\u001b[Jz\n');
    }
  });
});
