import assert from 'node:assert/strict';
import { findLog, type LogFile, type LogSource } from '../../../../src/watch/index.ts';
import { record } from '../scriptedServer.ts';

describe('log of a job in debug mode', () => {
  const running = { PandaID: 7, startTime: '2026-11-23 02:44:49', specialHandling: 'sj,debug' };
  let tail: string;
  let asked: number[];
  const find = (job: object): LogSource | undefined =>
    findLog({
      files: { readRange: () => Promise.reject(new Error('no file is read')) },
      monitor: {
        debugTail: (pandaId) => {
          asked.push(pandaId);
          return Promise.resolve(tail);
        },
      },
    })(record({ ...running, ...job }));
  const read = async (source: LogSource, file: LogFile = 'payload.stdout', from = 0): Promise<string> =>
    Buffer.from((await source.read(file, from, 100_000)).bytes).toString();

  beforeEach(() => {
    tail = '';
    asked = [];
  });

  it('grows by what is new in each tail, below a line that says what it is', async () => {
    const source = find({}) ?? assert.fail();
    const lines = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, index) => `line ${from + index} of it\n`).join('');
    tail = lines(1, 3);
    const start = await read(source);
    assert.match(start, /^\[Debug mode: [^\n]*\]\nline 1 of it\nline 2 of it\n$/u);
    const { length } = start;
    assert.equal(await read(source), start);
    tail = lines(1, 9);
    assert.equal(await read(source, 'payload.stdout', length), lines(3, 9));
    // Cut within a line, as the server cuts.
    tail = lines(5, 12).slice(3);
    assert.equal(await read(source, 'payload.stdout', length), lines(3, 12));
    tail = '';
    assert.equal(await read(source, 'payload.stdout', length), lines(3, 12));
    tail = lines(50, 52);
    assert.match(
      await read(source, 'payload.stdout', length),
      /line 11 of it\n\[What came between is not known[^\n]*\]\nline 50 of it\nline 51 of it\n$/u,
    );
    assert.deepEqual(new Set(asked), new Set([7]));
  });

  it('is missing while there is no tail, and for other files, which nobody asks for', async () => {
    const source = find({}) ?? assert.fail();
    await assert.rejects(source.read('payload.stdout', 0, 10), { kind: 'notFound' });
    tail = 'x';
    await assert.rejects(source.read('payload.stderr', 0, 10), { kind: 'notFound' });
    assert.deepEqual(asked, [7]);
  });

  for (const [title, job] of [
    ['that is not in debug mode', { specialHandling: 'debugx,sj' }],
    ['that has ended', { jobStatus: 'finished' }],
    ['that has not begun', { startTime: null }],
  ] as const) {
    it(`is not looked for with a job ${title}`, () => assert.equal(find(job), undefined));
  }

  it('comes after the log beside the pilot', async () => {
    tail = 'tail';
    const log = findLog({
      files: { readRange: () => Promise.resolve({ bytes: Buffer.from('whole'), size: 5 }) },
      monitor: { debugTail: () => Promise.reject(new Error('not asked')) },
    })(record({ ...running, pilotID: 'https://host/a/pilotlog.txt' }));
    assert.equal(await read(log ?? assert.fail()), 'whole');
  });
});
