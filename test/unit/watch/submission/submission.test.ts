import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPandaClient } from '../../../../src/panda/index.ts';
import type { PandaClient } from '../../../../src/panda/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import {
  createSubmissionJournal,
  forgetJobs,
  prepareSubmission,
  recoverSubmissions,
  resendJobs,
  submitJobs,
} from '../../../../src/watch/index.ts';
import type {
  BegunSubmission,
  SubmissionJournal,
  SubmitJobsDeps,
  SubmitJobsOptions,
  SubmitProgress,
  SubmitResult,
} from '../../../../src/watch/index.ts';
import { fastClock, plan, request } from './plans.ts';
import { startSubmissionServer } from './server.ts';
import type { SubmissionServer } from './server.ts';

describe('submitJobs', () => {
  let server: SubmissionServer;
  let client: PandaClient;
  let folder: string;
  let journal: SubmissionJournal;
  let clock: ReturnType<typeof fastClock>;
  beforeEach(async () => {
    server = await startSubmissionServer();
    client = createPandaClient(server.profile, { delay: () => Promise.resolve() });
    folder = await mkdtemp(join(tmpdir(), 'submission-'));
    journal = createSubmissionJournal(folder);
    clock = fastClock();
  });
  afterEach(async () => {
    client.dispose();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const deps = (): SubmitJobsDeps => ({
    client,
    profile: server.profile,
    journal,
    clock,
    random: () => 0.5,
    stores: createStagingStores(),
    uploadsFolder: join(folder, 'uploads'),
  });
  const submit = (count: number, options: SubmitJobsOptions = {}): Promise<SubmitResult> =>
    submitJobs(plan(count), deps(), options);
  const kinds = (result: { outcomes: readonly { kind: string }[] }): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { kind } of result.outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  };
  const stored = async () => (await journal.list('sandbox')).entries;
  const reasons = (result: { outcomes: readonly object[] }): Set<unknown> =>
    new Set(result.outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : undefined)));

  it('submits under unique names and notes each outcome down', async () => {
    const progress: SubmitProgress[] = [];
    const result = await submit(3, { onProgress: (step) => progress.push(step) });
    assert.deepEqual(kinds(result), { accepted: 3 });
    assert.deepEqual(result.warnings, []);
    assert.deepEqual(
      [...server.stored.keys()],
      [1, 2, 3].map((n) => `HelloPanda.${result.id}.${n}`),
    );
    assert.deepEqual(server.uploads, ['hello-panda-0123456789ab.sh']);
    const [entry] = await stored();
    assert.equal(entry?.status, 'ended');
    assert.deepEqual(entry?.submission.outcomes, result.outcomes);
    assert.deepEqual(entry?.submission.jobs[0]?.request.arguments, ['a b']);
    assert.deepEqual((await journal.unsettled('sandbox')).entries, []);
    assert.deepEqual(
      progress.map((step) => ('done' in step ? `${step.phase} ${step.done}/${step.total}` : step.phase)),
      ['checking', 'uploading 0/1', 'uploading 1/1', 'submitting 3/3'],
    );
  });

  it('has the journal on disk before the first byte is sent', async () => {
    let text = '';
    server.beforeStore = async () => {
      const [file = ''] = await readdir(join(folder, 'sandbox'));
      text = await readFile(join(folder, 'sandbox', file), 'utf8');
    };
    await submit(2);
    assert.match(text, /"ready"\}\n\{"type":"sending","numbers":\[1,2\],"at":\d+\}\n$/);
  });

  it('says what it is called before the first byte is sent, and waits until that is heard', async () => {
    const begun: BegunSubmission[] = [];
    const result = await submit(2, {
      onBegin: async (submission) => {
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(server.calls, 0);
        begun.push(submission);
      },
    });
    const { id, name, profile, submittedAt } = result;
    assert.deepEqual(begun, [{ id, name, profile, server: server.profile.server, submittedAt, jobs: 2 }]);
    assert.equal(server.calls, 1);
  });

  it('numbers 2,300 jobs in several parts without losing any', async () => {
    const result = await submit(2300);
    assert.deepEqual(kinds(result), { accepted: 2300 });
    assert.equal(
      new Set(result.outcomes.map((outcome) => 'pandaId' in outcome && outcome.pandaId)).size,
      2300,
    );
    assert.equal((await stored())[0]?.submission.jobs.length, 2300);
  });

  it('finds jobs by name when the connection breaks after they were stored', async () => {
    server.mode = () => 'cutAfter';
    const result = await submit(3);
    assert.deepEqual(kinds(result), { accepted: 3 });
    assert.equal(server.calls, 1);
    assert.deepEqual((await stored())[0]?.submission.outcomes, result.outcomes);
  });

  it('is patient: the server may store after the connection broke', async () => {
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    server.mode = () => 'late';
    server.beforeStore = () => stored;
    const looks: number[] = [];
    const result = await submit(1, {
      onProgress: (step) => {
        if (step.phase !== 'lookingUp') return;
        looks.push(step.done);
        if (looks.length === 3) store();
      },
    });
    assert.deepEqual(kinds(result), { accepted: 1 });
    assert.equal([...server.stored.values()].flat().length, 1);
  });

  it('leaves to the user what cannot be found, and sends no more of the rest', async () => {
    server.mode = () => 'cutBefore';
    const result = await submit(1200);
    assert.deepEqual(kinds(result), { unknown: 1000, notSent: 200 });
    const outcome = result.outcomes[0];
    assert.ok(outcome?.kind === 'unknown');
    assert.match(
      outcome.reason,
      /^Could not submit \d+ jobs .*\. Try again\. Looked up by name: the monitor does not show it after 52 s, so it probably does not exist\.$/,
    );
    assert.equal(clock.waited.length, 4);
    assert.equal((await journal.unsettled('sandbox')).entries.length, 1);
  });

  it('says so where the monitor does not answer', async () => {
    server.mode = () => 'cutAfter';
    server.monitorUp = false;
    const result = await submit(1);
    const outcome = result.outcomes[0];
    assert.ok(outcome?.kind === 'unknown');
    assert.match(
      outcome.reason,
      / Looked up by name: not answered \(Could not look for 1 jobs? by name .*\)\.$/,
    );

    server.monitorUp = true;
    const report = await recoverSubmissions(deps());
    assert.equal(report.recovered[0]?.adopted.length, 1);
    assert.deepEqual((await recoverSubmissions(deps())).recovered, []);
  });

  it('says so where there is no monitor', async () => {
    server.mode = () => 'cutAfter';
    const result = await submitJobs(plan(1), { ...deps(), client: { ...client, monitor: undefined } });
    assert.match(
      String([...reasons(result)][0]),
      /Looked up by name: not possible, as this profile has no monitor\.$/,
    );
  });

  it('reports jobs that the server refused, and keeps the others', async () => {
    server.mode = () => 'refuseSome';
    assert.deepEqual(kinds(await submit(4)), { accepted: 2, refused: 2 });
    assert.deepEqual((await journal.unsettled('sandbox')).entries, []);
  });

  it('loses nothing when it is stopped half way', async () => {
    const stop = new AbortController();
    server.beforeStore = async () => stop.abort();
    client = createPandaClient(server.profile, { abortGraceMs: 60_000 });
    const result = await submit(2500, { signal: stop.signal });
    const { accepted = 0, notSent = 0, unknown = 0 } = kinds(result);
    assert.ok(accepted > 0 && notSent >= 1500, JSON.stringify(kinds(result)));
    assert.equal(accepted, [...server.stored.values()].flat().length);
    assert.equal(accepted + notSent + unknown, 2500);
    assert.deepEqual((await stored())[0]?.submission.outcomes, result.outcomes);
  });

  it('rejects when it is stopped before anything was sent', async () => {
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(submit(1, { signal: stop.signal }), { name: 'AbortError' });
    assert.equal((await stored()).length, 0);
  });

  it('stops sending when the journal cannot be written, and keeps what it knows', async () => {
    const broken: SubmissionJournal = {
      ...journal,
      begin: async (submission) => {
        const writer = await journal.begin(submission);
        const full = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOSPC' }));
        return writer === undefined ? undefined : { ...writer, outcomes: full };
      },
    };
    const result = await submitJobs(plan(1500), { ...deps(), journal: broken });
    assert.deepEqual(kinds(result), { accepted: 1000, notSent: 500 });
    assert.match(result.warnings.join(), /could not be noted down in the journal \(the disk is full\)/);
    // The jobs are found again from the names that were noted before.
    const report = await recoverSubmissions(deps());
    assert.equal(report.recovered[0]?.adopted.length, 1000);
  });

  describe('refuses before anything is sent', () => {
    const refusal = async (change: Parameters<typeof request>[0], force = false): Promise<string> => {
      const error: unknown = await submitJobs(plan(1, change), deps(), { force }).catch((e: unknown) => e);
      assert.ok(error instanceof Error && 'advice' in error, String(error));
      assert.equal(server.calls, 0);
      assert.equal((await stored()).length, 0);
      return `${error.message} → ${String(error.advice)}`;
    };
    it('a site that is not there, naming near ones', async () => {
      assert.equal(await refusal({ site: 'bnl_lsst' }), 'There is no site bnl_lsst. → Did you mean BNL-LSST');
      assert.equal(
        await refusal({ site: 'XYZXYZXYZ' }),
        'There is no site XYZXYZXYZ. → Choose one that is online: BNL-LSST, SANDBOX',
      );
    });
    it('a site that is not online', async () => {
      assert.equal(
        await refusal({ site: 'SLAC-LSST' }),
        'Site SLAC-LSST is brokeroff (power cut): a job sent there may never run. → Choose one that is online: BNL-LSST, SANDBOX',
      );
    });
    it('a site that is too small', async () => {
      const resources = { cores: 8, memoryMB: 9000, diskMB: 1, walltimeSeconds: 60 };
      assert.equal(
        await refusal({ resources }),
        'The site does not give what is asked for: cores 8 asked for, SANDBOX gives 4; memory 9000 MB asked for, SANDBOX gives 8000 MB. → Ask for less, or choose another site',
      );
    });
    it('records that the server would cut', async () => {
      const transformation = { ...request().transformation, id: 'x'.repeat(65) };
      assert.match(await refusal({ transformation }, true), /processingType has 65 characters/);
    });
    it('an empty plan', () => {
      assert.throws(
        () => prepareSubmission({ name: 'x', requests: [] }, deps()),
        /There is no job to submit/,
      );
    });
    it('two contents under one name', () => {
      const other = {
        ...request().transformation,
        payload: { name: 'hello-panda-0123456789ab.sh', content: Buffer.from('x') },
      };
      const requests = [request(), request({ transformation: other })];
      assert.throws(
        () => prepareSubmission({ name: 'x', requests }, deps()),
        /two files are both called hello-panda/,
      );
    });
  });

  it('goes past a site when forced', async () => {
    const result = await submitJobs(plan(1, { site: 'NOWHERE' }), deps(), { force: true });
    assert.deepEqual(kinds(result), { accepted: 1 });
  });

  it('takes another id when one of the same millisecond is there', async () => {
    const first = await submit(1);
    const rolls = [0.5, 0.5, 0.9, 0.9];
    const frozen = {
      ...deps(),
      clock: { ...clock, now: () => 1_790_000_000_000 },
      random: () => rolls.shift() ?? 0.1,
    };
    const second = await submitJobs(plan(1), frozen);
    assert.notEqual(first.id, second.id);
    assert.equal(server.stored.size, 2);
  });

  describe('afterwards', () => {
    it('sends again what was not sent or not found, under the same names', async () => {
      server.mode = (call) => (call === 0 ? 'cutAfter' : 'cutBefore');
      server.monitorUp = false;
      const first = await submit(1100);
      assert.equal(kinds(first).accepted ?? 0, 0);
      server.monitorUp = true;
      server.mode = () => 'answer';
      const again = await resendJobs(first.id, deps());
      assert.deepEqual(kinds(again), { accepted: 1100 });
      assert.equal(server.stored.size, 1100);
      assert.deepEqual(
        [...server.stored.values()].filter((ids) => ids.length !== 1),
        [],
      );
      assert.deepEqual((await journal.unsettled('sandbox')).entries, []);
    });

    it('forgets what the user does not want to know', async () => {
      server.mode = () => 'cutBefore';
      const first = await submit(1);
      await forgetJobs(first.id, deps());
      assert.deepEqual((await recoverSubmissions(deps())).recovered, []);
      assert.equal(server.calls, 1);
    });

    it('says that there is no such submission', async () => {
      await assert.rejects(
        resendJobs('0000000000', deps()),
        /There is no submission 0000000000 of profile sandbox/,
      );
      await assert.rejects(resendJobs('../../x', deps()), /There is no submission/);
    });
  });
});
