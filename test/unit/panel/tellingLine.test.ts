import assert from 'node:assert/strict';
import { findTellingLine } from '../../../src/editor/panel/tellingLine.ts';
import { createLogTail, systemClock } from '../../../src/watch/index.ts';
import { memorySource, text } from './madeUpSession.ts';

function find(logs: Readonly<Record<string, string>>) {
  const source = memorySource(
    Object.fromEntries(Object.entries(logs).map(([file, content]) => [file, text(content)])),
  );
  const openTail = (...[of, file]: Parameters<typeof createLogTail>) =>
    createLogTail(of, file, { clock: systemClock, random: () => 0 });
  return findTellingLine(
    source,
    (of, file) => openTail(of, file, { clock: systemClock, random: () => 0 }),
    new AbortController().signal,
  );
}

describe('the line that tells why a job failed', () => {
  it('is the first error', async () => {
    const stdout = 'fine\nERROR no stars\nERROR so no PSF\n';
    assert.deepEqual(await find({ 'payload.stdout': stdout }), {
      file: 'payload.stdout',
      offset: 5,
      line: 1,
      text: 'ERROR no stars',
    });
  });

  it('is the exception at the foot of a traceback', async () => {
    const stderr =
      'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    run()\nKeyError: 94\n';
    const line = await find({ 'payload.stderr': stderr, 'payload.stdout': 'ERROR elsewhere\n' });
    assert.deepEqual([line?.text, line?.line, line?.offset], ['KeyError: 94', 3, stderr.indexOf('KeyError')]);
  });

  it('is the head of a traceback that was cut off', async () => {
    const line = await find({ 'payload.stderr': 'Traceback (most recent call last):\n  File "a.py"' });
    assert.equal(line?.text, 'Traceback (most recent call last):');
  });

  it('is what was written to stderr last, where nothing looks like an error', async () => {
    const stderr = `${'chatter\n'.repeat(5000)}the disk is upside dówn\n\n`;
    const line = await find({ 'payload.stderr': stderr, 'payload.stdout': 'hello\n' });
    assert.deepEqual([line?.text, line?.offset, line?.line], ['the disk is upside dówn', 40_000, null]);
  });

  it('is nothing where nothing was written', async () => {
    assert.equal(await find({ 'payload.stdout': 'hello\n' }), null);
    assert.equal(await find({}), null);
  });
});
