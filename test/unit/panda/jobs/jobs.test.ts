import assert from 'node:assert/strict';
import { PandaError } from '../../../../src/panda/index.ts';
import { no, ok, plain, startFakeServer } from '../fakeServer.ts';
import type { Asked, FakeServer } from '../fakeServer.ts';

const FIRST = 6900000001;
const ids = (jobs: number): number[] => Array.from({ length: jobs }, (_, index) => FIRST + index);
const idsIn = (asked: Asked): number[] => (JSON.parse(asked.text) as { job_ids: number[] }).job_ids;

describe('bulk reads and changes', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer();
  });
  afterEach(() => server.close());

  it('describes any number of jobs, in order, duplicates and unknown ones included', async () => {
    server.answer = (asked, response) =>
      ok(
        response,
        idsIn(asked).map((id) => (id % 7 === 0 ? null : { PandaID: id, jobStatus: 'running', Files: [] })),
      );
    const asked = [...ids(1_000), FIRST];
    const seen: number[] = [];
    const records = await server.client().jobs.describe(asked, { onProgress: (done) => seen.push(done) });
    assert.deepEqual(
      records.map((record) => record?.PandaID ?? null),
      asked.map((id) => (id % 7 === 0 ? null : id)),
    );
    assert.equal(server.asked.length, 4);
    assert.equal(seen.at(-1), 1_001);
    assert.ok(server.asked.every(({ path }) => path.endsWith('/job/get_description')));
  });

  it('looks among old jobs where asked to', async () => {
    server.answer = (_asked, response) => ok(response, [null]);
    assert.deepEqual(await server.client().jobs.describe([1], { archive: true }), [null]);
    assert.equal(server.asked[0]?.path, '/api/v1/job/get_description_incl_archive');
  });

  it('an answer that is cut, mixed up or of another shape is refused', async () => {
    const client = server.client();
    for (const data of [[null], [{ PandaID: 2, jobStatus: 'x' }, null], [null, 'job'], null, {}]) {
      server.answer = (_asked, response) => ok(response, data);
      await assert.rejects(client.jobs.describe([1, 2]), (error: unknown) => {
        assert.ok(error instanceof PandaError);
        assert.equal(error.kind, 'protocol');
        return true;
      });
    }
  });

  it('keeps the request line of get_status short, for long ids too', async () => {
    server.answer = (asked, response) =>
      ok(
        response,
        asked.query
          .getAll('job_ids')
          .map((id) => ({ status: 'running', command: Number(id) % 2 ? 'tobekilled' : null })),
      );
    const many = ids(1_000);
    const statuses = await server.client().jobs.getStatus(many);
    assert.deepEqual(
      statuses,
      many.map((pandaId) => ({ pandaId, state: 'running', command: pandaId % 2 ? 'tobekilled' : null })),
    );
    await server.client().jobs.getStatus(Array.from({ length: 400 }, (_, index) => 2 ** 52 + index));
    for (const asked of server.asked) {
      assert.ok(asked.path.length + asked.query.toString().length < 8_000);
      assert.ok(asked.query.getAll('job_ids').length <= 350);
      assert.equal(asked.method, 'GET');
    }
  });

  it('unknown with a command is unknown without one', async () => {
    server.answer = (_asked, response) =>
      ok(response, [
        { status: 'unknown', command: 'tobekilled' },
        { status: 'running', command: 'NULL' },
        { status: 'brandnew', command: 'debug,tobekilled' },
      ]);
    const states = await server.client().jobs.getStatus([1, 2, 3]);
    assert.deepEqual(
      states.map(({ state, command }) => [state, command]),
      [
        ['unknown', null],
        ['running', null],
        ['brandnew', 'debug,tobekilled'],
      ],
    );
  });

  it('kills in pieces, joined in order; a code goes along', async () => {
    server.answer = (asked, response) =>
      ok(
        response,
        idsIn(asked).map((id) => id % 3 === 0),
      );
    const many = ids(1_200);
    assert.deepEqual(
      await server.client().jobs.kill(many, { code: 9 }),
      many.map((id) => id % 3 === 0),
    );
    assert.equal(server.asked.length, 3);
    assert.equal((JSON.parse(server.asked[0]?.text ?? '') as { code: number }).code, 9);
  });

  it('a failure in one piece stops the rest', async () => {
    server.answer = (asked, response) =>
      idsIn(asked).includes(FIRST)
        ? plain(response, 500, 'no')
        : ok(
            response,
            idsIn(asked).map(() => null),
          );
    await assert.rejects(server.client().jobs.describe(ids(5_000)), PandaError);
    assert.ok(server.asked.length < 10, String(server.asked.length));
  });

  it('an abort in the middle rejects with its reason', async () => {
    const stop = new AbortController();
    server.answer = (asked, response) => {
      stop.abort(new DOMException('enough', 'AbortError'));
      ok(
        response,
        idsIn(asked).map(() => null),
      );
    };
    await assert.rejects(server.client().jobs.describe(ids(3_000), { signal: stop.signal }), {
      message: 'enough',
    });
    assert.ok(server.asked.length <= 4);
  });

  it('ids that are none are refused before anything is sent', async () => {
    const client = server.client();
    for (const id of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
      await assert.rejects(client.jobs.describe([id]), PandaError);
      await assert.rejects(client.jobs.kill([id]), PandaError);
      await assert.rejects(client.jobs.getStatus([id]), PandaError);
    }
    assert.deepEqual(await client.jobs.describe([]), []);
    assert.equal(server.asked.length, 0);
  });

  it('debug mode: success is what the message says', async () => {
    const client = server.client();
    server.answer = (_asked, response) => no(response, 'Succeeded');
    await client.jobs.setDebugMode(1, true);
    server.answer = (_asked, response) => ok(response, null, 'PandaID=99 not found in active DB');
    await assert.rejects(client.jobs.setDebugMode(99, true), /not found in active DB/);
  });

  it('the offline script: a bare text, or an error in its place', async () => {
    const client = server.client();
    server.answer = (_asked, response) => plain(response, 200, JSON.stringify('#!/bin/bash\necho 1\n'));
    assert.equal(await client.jobs.generateOfflineExecutionScript(5, { days: 60 }), '#!/bin/bash\necho 1\n');
    assert.equal(server.asked[0]?.query.toString(), 'job_id=5&days=60');
    server.answer = (_asked, response) => plain(response, 200, JSON.stringify('ERROR: Cannot get PandaID=5'));
    await assert.rejects(client.jobs.generateOfflineExecutionScript(5), { kind: 'notFound' });
  });
});

describe('statistics and sites', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer();
  });
  afterEach(() => server.close());

  it('nothing to count is no failure; a failure is one', async () => {
    const client = server.client();
    server.answer = (_asked, response) => no(response, 'Database failure getting the job statistics', {});
    assert.deepEqual(await client.statistics.activeJobsBySite(), {});
    server.answer = (_asked, response) => no(response, 'the database is down', {});
    await assert.rejects(client.statistics.activeJobsBySite(), { kind: 'rejected' });
  });

  it('leaves out zeros and what is no number', async () => {
    server.answer = (_asked, response) => ok(response, { A: { running: 2, assigned: 0, odd: 'x' }, B: null });
    assert.deepEqual(await server.client().statistics.activeJobsBySite(), { A: { running: 2 }, B: {} });
  });

  it('lists queues by name, without copies per resource type; unknown limits are null', async () => {
    server.answer = (_asked, response) =>
      ok(response, {
        Z: { status: 'standby', unified_name: null, maxrss: 0, maxtime: 3600, coreCount: null },
        A: { status: 'online', cloud: 'US', maxrss: 32000, maxwdir: 40000, coreCount: 8, comment: '' },
        'A/MCORE': { status: 'online', unified_name: 'A' },
        odd: null,
      });
    const sites = await server.client().metaconfig.getSiteSpecs();
    assert.deepEqual(
      sites.map((site) => ({ ...site, raw: undefined })),
      [
        {
          name: 'A',
          status: 'online',
          cloud: 'US',
          coreCount: 8,
          maxMemoryMB: 32000,
          maxWorkDirMB: 40000,
          maxTimeSeconds: null,
          comment: null,
          raw: undefined,
        },
        {
          name: 'Z',
          status: 'standby',
          cloud: null,
          coreCount: null,
          maxMemoryMB: null,
          maxWorkDirMB: null,
          maxTimeSeconds: 3600,
          comment: null,
          raw: undefined,
        },
      ],
    );
  });
});
