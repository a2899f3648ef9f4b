import assert from 'node:assert/strict';
import { searchLog, type SearchProgress } from '../../../src/editor/panel/logSearch.ts';
import type { SearchQuery } from '../../../src/editor/panel/messages.ts';
import { memorySource, text } from './madeUpSession.ts';

async function search(content: string | Uint8Array, query: Partial<SearchQuery>) {
  const source = memorySource({ 'payload.stdout': typeof content === 'string' ? text(content) : content });
  const told: SearchProgress[] = [];
  await searchLog(
    source,
    'payload.stdout',
    { pattern: '', regex: false, matchCase: false, ...query },
    { signal: new AbortController().signal, onProgress: (progress) => told.push(progress) },
  );
  const last = told.at(-1)!;
  return { hits: told.flatMap(({ hits }) => hits), last };
}

describe('searching a log', () => {
  it('finds plain text whatever its case, with the place of each line', async () => {
    const { hits, last } = await search('one\nTWO.\nthree two.\n', { pattern: 'two.' });
    assert.deepEqual(hits, [
      { offset: 4, line: 1 },
      { offset: 9, line: 2 },
    ]);
    assert.deepEqual([last.done, last.more, last.problem], [true, false, null]);
  });

  it('finds by expression, with regard to case where asked', async () => {
    const { hits } = await search('a1\nA2\na3', { pattern: '^a\\d$', regex: true, matchCase: true });
    assert.deepEqual(
      hits.map(({ line }) => line),
      [0, 2],
    );
  });

  it('finds lines over the borders of blocks, and counts right', async () => {
    const line = `${'x'.repeat(99)}\n`;
    const { hits } = await search(`${line.repeat(30_000)}needle\n${line.repeat(10)}`, { pattern: 'needle' });
    assert.deepEqual(hits, [{ offset: 3_000_000, line: 30_000 }]);
  });

  it('sees a line as it is shown: without colours, after the last carriage return', async () => {
    const { hits } = await search('\x1b[31mer\x1b[0mror\n10%\r20%\r30%\r\n', {
      pattern: '^(error|30%)$',
      regex: true,
    });
    assert.deepEqual(
      hits.map(({ line }) => line),
      [0, 1],
    );
  });

  it('says what is wrong with an expression', async () => {
    const { last } = await search('a', { pattern: '(', regex: true });
    assert.match(last.problem ?? '', /^Not a regular expression: unterminated group/);
  });

  it('gives up on an expression that would never end', async () => {
    const { last } = await search(`${'a'.repeat(60)}!\n`, { pattern: '^(a+)+$', regex: true });
    assert.equal(last.problem, 'This expression takes too long');
  });

  it('lists no more than can be used, and says so', async () => {
    const { hits, last } = await search('a\n'.repeat(50_000), { pattern: 'a' });
    assert.deepEqual([hits.length, last.more, last.done], [20_000, true, true]);
  });

  it('ends with the signal', async () => {
    const ending = new AbortController();
    ending.abort();
    const options = { signal: ending.signal, onProgress: () => undefined };
    const query = { pattern: 'a', regex: false, matchCase: false };
    await assert.rejects(searchLog(memorySource({}), 'payload.stdout', query, options), {
      name: 'AbortError',
    });
  });
});
