import assert from 'node:assert/strict';
import { FitsView } from '../../../src/editor/fits/fitsView.ts';
import type { HostMessage } from '../../../src/editor/fits/messages.ts';
import { memoryBytes } from '../../../src/editor/fits/reader/index.ts';
import { until } from '../../support/until.ts';
import { imagePart } from './fitsWriter.ts';

const place = { part: 0, plane: 0 };

/** A view of an image of two pixels, 1 and 2; reading waits while `hold` does. */
function viewOf(hold: () => Promise<unknown>) {
  const source = memoryBytes(imagePart({ bitpix: 8, axes: [2, 1], stored: (index) => index + 1 }));
  const sent: HostMessage[] = [];
  const bytes = {
    size: source.size,
    read: async (from: number, length: number) => {
      await hold();
      return source.read(from, length);
    },
    dispose: () => Promise.resolve(),
  };
  const view = new FitsView({
    name: 'two.fits',
    open: () => Promise.resolve(bytes),
    send: (message) => sent.push(message),
    copy: () => undefined,
    note: (error) => assert.fail(String(error)),
  });
  const answers = (): readonly HostMessage[] => sent.filter((message) => 'id' in message);
  return { view, sent, answers };
}

describe('the host of a FITS page', () => {
  it('answers questions with their ids', async () => {
    const { view, answers } = viewOf(() => Promise.resolve());
    view.receive({ type: 'ready' });
    view.receive({ type: 'pixel', id: 1, place, x: 1, y: 0 });
    await until('an answer', async () => answers().length === 1);
    assert.deepEqual(answers(), [{ type: 'pixel', id: 1, text: '2' }]);
    view.dispose();
  });

  it('does not take the questions of a page that is gone for those of the next, which counts anew', async () => {
    const released = Promise.withResolvers<undefined>();
    let held: Promise<unknown> = Promise.resolve();
    const { view, sent, answers } = viewOf(() => held);
    view.receive({ type: 'ready' });
    await until('the file', async () => sent.some(({ type }) => type === 'file'));
    held = released.promise;
    view.receive({ type: 'pixel', id: 1, place, x: 0, y: 0 });
    view.receive({ type: 'ready' });
    view.receive({ type: 'pixel', id: 1, place, x: 1, y: 0 });
    released.resolve(undefined);
    await until('an answer', async () => answers().length > 0);
    view.receive({ type: 'pixel', id: 2, place, x: 0, y: 0 });
    await until('the next answer', async () => answers().some((answer) => 'id' in answer && answer.id === 2));
    assert.deepEqual(answers(), [
      { type: 'pixel', id: 1, text: '2' },
      { type: 'pixel', id: 2, text: '1' },
    ]);
    view.dispose();
  });
});
