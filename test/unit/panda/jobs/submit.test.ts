import assert from 'node:assert/strict';
import { InvalidJobsError } from '../../../../src/panda/index.ts';
import type { JobSpec, SubmitOutcome } from '../../../../src/panda/index.ts';
import { no, ok, plain, startFakeServer } from '../fakeServer.ts';
import type { Asked, FakeServer } from '../fakeServer.ts';

function specs(jobs: number, changes: Partial<JobSpec> = {}): JobSpec[] {
  return Array.from({ length: jobs }, (_, index) => ({
    jobName: `job.${index}`,
    transformation: 'http://example.org/payload.sh',
    jobParameters: '-- one "two" three',
    prodSourceLabel: 'user',
    prodUserName: 'Jane Doe',
    VO: 'lsst',
    files: [],
    ...changes,
  }));
}

function sent(asked: Asked): unknown[][] {
  return JSON.parse((JSON.parse(asked.text) as { jobs: string }).jobs) as unknown[][];
}

function namesIn(asked: Asked): string[] {
  return sent(asked).map((job) => String(job[19]));
}

/** PandaIDs made of the number in the name, so that a mix-up of order shows. */
function accept(asked: Asked): unknown[] {
  return namesIn(asked).map((name) => [1000 + Number(name.split('.')[1]), 7, { jobsetID: 'NULL' }]);
}

const kinds = (outcomes: readonly SubmitOutcome[]): string[] => outcomes.map(({ kind }) => kind);

describe('submit', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer((asked, response) => ok(response, accept(asked)));
  });
  afterEach(() => server.close());

  it('splits, sends a few at a time, and joins in order whatever answers first', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    server.answer = (asked, response) => {
      waiting.push(() => ok(response, accept(asked)));
      most = Math.max(most, waiting.length);
      // Four calls, then the rest: the last one of those under way is answered first.
      if (waiting.length === 4 || server.asked.length === 5) {
        waiting
          .splice(0)
          .reverse()
          .forEach((answer) => answer());
      }
    };
    const progress: number[] = [];
    const told: string[] = [];
    const outcomes = await server.client().jobs.submit(specs(1_201), {
      onProgress: (done, total) => {
        assert.equal(total, 1_201);
        progress.push(done);
      },
      onOutcomes: (some) => void told.push(...some.map(({ jobName }) => jobName)),
    });
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'accepted' ? [outcome.jobName, outcome.pandaId] : outcome)),
      Array.from({ length: 1_201 }, (_, index) => [`job.${index}`, 1000 + index]),
    );
    assert.deepEqual(
      server.asked.map((asked) => sent(asked).length).sort(),
      [201, 250, 250, 250, 250].sort(),
    );
    assert.equal(most, 4);
    assert.equal(progress.at(-1), 1_201);
    assert.deepEqual(
      progress,
      [...progress].sort((a, b) => a - b),
    );
    assert.equal(new Set(told).size, 1_201);
  });

  it('compresses large bodies, and only these, but none for a server on this machine', async () => {
    const client = server.client({}, { gzipFromBytes: 8 * 1024 });
    await client.jobs.submit(specs(1));
    await client.jobs.submit(specs(200));
    await server.client().jobs.submit(specs(200));
    const [small, large, near] = server.asked;
    assert.equal(near?.headers['content-encoding'], undefined);
    assert.equal(small?.headers['content-encoding'], undefined);
    assert.equal(large?.headers['content-encoding'], 'gzip');
    assert.ok(large !== undefined && large.raw.length * 20 < large.text.length);
    assert.equal(sent(large).length, 200);
  });

  it('sends nothing when a record would be refused, and names every problem', async () => {
    const bad = [...specs(2), ...specs(1, { jobName: 'x'.repeat(257), VO: '' })];
    const error = await server
      .client()
      .jobs.submit(bad)
      .then(
        () => assert.fail('was sent'),
        (reason: unknown) => reason,
      );
    assert.ok(error instanceof InvalidJobsError);
    assert.deepEqual(error.problems, [
      { where: 'jobs[2].VO', message: 'is missing' },
      { where: 'jobs[2].jobName', message: 'has 257 characters; the server keeps 256' },
    ]);
    assert.equal(server.asked.length, 0);
  });

  it('an id that is no number is a refused job', async () => {
    server.answer = (_asked, response) =>
      ok(response, [
        [6900000001, 7, { jobsetID: 12 }],
        ['NULL', 7, { jobsetID: 'NULL' }],
        [6900000003, 7, 'job.2'],
      ]);
    const outcomes = await server.client().jobs.submit(specs(3));
    assert.deepEqual(kinds(outcomes), ['accepted', 'refused', 'accepted']);
    assert.deepEqual(outcomes[0], { kind: 'accepted', jobName: 'job.0', pandaId: 6900000001, jobsetId: 12 });
  });

  it('an answer with fewer entries leaves open what exists', async () => {
    server.answer = (_asked, response) => ok(response, [[6900000001, 7, { jobsetID: 'NULL' }]]);
    assert.deepEqual(kinds(await server.client().jobs.submit(specs(2))), ['unknown', 'unknown']);
  });

  it('a lost answer is unknown and is not sent again; nothing more follows', async () => {
    const lose: readonly ((asked: Asked, response: import('node:http').ServerResponse) => void)[] = [
      (_asked, response) => void response.destroy(),
      (_asked, response) => plain(response, 500, 'database gone'),
      (_asked, response) => plain(response, 200, '{"success": true, "data": [[69'),
      (_asked, response) => plain(response, 200, '<html><title>Proxy</title></html>'),
      (_asked, response) => plain(response, 504, 'too slow'),
    ];
    for (const losing of lose) {
      server.asked.length = 0;
      server.answer = (asked, response) =>
        namesIn(asked).includes('job.0') ? losing(asked, response) : ok(response, accept(asked));
      const outcomes = await server.client().jobs.submit(specs(2_000));
      const counts = Object.groupBy(outcomes, ({ kind }) => kind);
      assert.equal(counts.unknown?.length, 250);
      assert.equal(counts.accepted?.length ?? 0, (server.asked.length - 1) * 250);
      assert.ok((counts.notSent?.length ?? 0) > 0);
      assert.equal(new Set(server.asked.flatMap(namesIn)).size, server.asked.flatMap(namesIn).length);
      const first = outcomes[0];
      assert.ok(first?.kind === 'unknown' && first.reason.startsWith('Could not submit 250 jobs at http'));
    }
  });

  it('nobody there: not sent, and says why', async () => {
    await server.close();
    const outcomes = await server.client().jobs.submit(specs(600));
    assert.deepEqual([...new Set(kinds(outcomes))], ['notSent']);
    const [first] = outcomes;
    assert.ok(
      first?.kind === 'notSent' && first.reason.includes('nothing answers there'),
      JSON.stringify(first),
    );
    server = await startFakeServer();
  });

  it('a refusal of one call does not stop the others', async () => {
    server.answer = (asked, response) =>
      namesIn(asked).includes('job.0')
        ? no(response, 'job_label=x is not valid')
        : ok(response, accept(asked));
    const outcomes = await server.client().jobs.submit(specs(500));
    assert.deepEqual([outcomes[0]?.kind, outcomes[499]?.kind], ['refused', 'accepted']);
  });

  it('who may not submit is told so, and nothing more is sent', async () => {
    server.answer = (_asked, response) =>
      plain(response, 403, 'ERROR : Token authentication failed. Unknown vo : x');
    const outcomes = await server.client().jobs.submit(specs(2_000));
    assert.equal(outcomes[0]?.kind, 'refused');
    assert.equal(outcomes.at(-1)?.kind, 'notSent');
    assert.ok(server.asked.length <= 4);
  });

  it('after an abort nothing more is sent, and calls under way still count', async () => {
    const stop = new AbortController();
    server.answer = (asked, response) => {
      stop.abort();
      ok(response, accept(asked));
    };
    // The grace never ends here: the answers decide.
    const client = server.client({}, { delay: () => new Promise(() => undefined) });
    const outcomes = await client.jobs.submit(specs(5_000), { signal: stop.signal });
    const counts = Object.groupBy(outcomes, ({ kind }) => kind);
    assert.equal(counts.accepted?.length, server.asked.length * 250);
    assert.equal((counts.accepted?.length ?? 0) + (counts.notSent?.length ?? 0), 5_000);
    assert.ok(server.asked.length <= 4);
  });

  it('calls under way that do not end after an abort are unknown', async () => {
    const stop = new AbortController();
    server.answer = () => stop.abort();
    const outcomes = await server.client().jobs.submit(specs(300), { signal: stop.signal });
    assert.equal(outcomes[0]?.kind, 'unknown');
  });

  it('aborted before it began: rejects, nothing sent', async () => {
    await assert.rejects(server.client().jobs.submit(specs(1), { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
    assert.equal(server.asked.length, 0);
  });

  it('jobs of different owners go in different calls', async () => {
    const mixed = [...specs(2), ...specs(1, { jobName: 'other.2', prodUserName: 'Bob Brown' })];
    await server.client().jobs.submit(mixed);
    assert.deepEqual(server.asked.map((asked) => namesIn(asked).length).sort(), [1, 2]);
  });

  it('a caller that cannot record outcomes stops the rest and gets its own error', async () => {
    const trouble = new Error('disk full');
    await assert.rejects(
      server.client().jobs.submit(specs(5_000), { onOutcomes: () => Promise.reject(trouble) }),
      trouble,
    );
    assert.ok(server.asked.length <= 4);
  });

  it('nothing to submit is nothing', async () => {
    assert.deepEqual(await server.client().jobs.submit([]), []);
    assert.equal(server.asked.length, 0);
  });
});
