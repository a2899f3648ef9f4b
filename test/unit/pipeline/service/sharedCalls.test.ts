import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { createPandaClient, InvalidJobsError } from '../../../../src/panda/index.ts';
import type { JobSpec, SiteSpec, SubmitOutcome } from '../../../../src/panda/index.ts';
import { shareCalls } from '../../../../src/pipeline/service/sharedCalls.ts';
import type { SharedClient } from '../../../../src/pipeline/service/sharedCalls.ts';
import { until } from '../../../support/until.ts';
import { profileOf } from '../../watch/submission/server.ts';

interface Call {
  readonly names: readonly string[];
  readonly answer: PromiseWithResolvers<readonly SubmitOutcome[]>;
}

describe('calls that submissions share', () => {
  const plain = createPandaClient(profileOf('http://127.0.0.1:1'));
  let shared: SharedClient;
  let calls: Call[];
  let asked: string[];
  let now: number;
  let trouble: Error | undefined;

  beforeEach(() => {
    calls = [];
    asked = [];
    now = 1000;
    trouble = undefined;
    const note = <T>(what: string, value: T): Promise<T> => {
      asked.push(what);
      return trouble === undefined ? Promise.resolve(value) : Promise.reject(trouble);
    };
    const sites: readonly SiteSpec[] = [];
    const client = {
      ...plain,
      jobs: {
        ...plain.jobs,
        submit: (specs: readonly JobSpec[]) => {
          const call = {
            names: specs.map(({ jobName }) => jobName ?? ''),
            answer: Promise.withResolvers<readonly SubmitOutcome[]>(),
          };
          calls.push(call);
          return call.answer.promise;
        },
      },
      metaconfig: { ...plain.metaconfig, getSiteSpecs: () => note('sites', sites) },
      files: { ...plain.files, ensureCacheFile: (name: string) => note(name, undefined) },
    };
    shared = shareCalls(client, () => now);
  });
  after(() => plain.dispose());

  const submit = (jobName: string): Promise<readonly SubmitOutcome[]> =>
    shared.client.jobs.submit([{ jobName } as JobSpec]);
  const accept = (call: Call | undefined): void =>
    call?.answer.resolve(
      call.names.map((jobName) => ({
        kind: 'accepted',
        jobName,
        pandaId: Number(jobName.slice(1)),
        jobsetId: null,
      })),
    );
  const refuse = (call: Call | undefined): void =>
    call?.answer.resolve(call.names.map((jobName) => ({ kind: 'refused', jobName, reason: 'no' })));
  const names = (): (readonly string[])[] => calls.map((call) => call.names);

  it('are one for jobs that come at the same time, and each hears of its own', async () => {
    const all = Promise.all(['j1', 'j2', 'j3'].map(submit));
    await turn();
    assert.deepEqual(names(), [['j1', 'j2', 'j3']]);
    accept(calls[0]);
    assert.deepEqual(
      (await all).map((outcomes) => outcomes.map(({ jobName }) => jobName)),
      [['j1'], ['j2'], ['j3']],
    );
  });

  it('are three at a time at most, and those that wait go together', async () => {
    const all: Promise<unknown>[] = [];
    for (const name of ['j1', 'j2', 'j3', 'j4', 'j5', 'j6']) {
      all.push(submit(name));
      await turn();
    }
    assert.deepEqual(names(), [['j1'], ['j2'], ['j3']]);
    accept(calls[1]);
    await until('the next call', () => Promise.resolve(calls.length === 4));
    assert.deepEqual(names().slice(3), [['j4', 'j5', 'j6']]);
    for (const call of calls) accept(call);
    await Promise.all(all);
  });

  it('are made for each job where one of them may be why all were refused', async () => {
    for (const refuseAll of [
      refuse,
      (call: Call | undefined) => call?.answer.reject(new InvalidJobsError('submit 2 jobs', [])),
    ]) {
      calls = [];
      const all = Promise.all([submit('j1'), submit('j2')]);
      await turn();
      refuseAll(calls[0]);
      await until('a call for each', () => Promise.resolve(calls.length === 3));
      assert.deepEqual(names(), [['j1', 'j2'], ['j1'], ['j2']]);
      accept(calls[1]);
      refuse(calls[2]);
      assert.deepEqual(
        (await all).map(([outcome]) => outcome?.kind),
        ['accepted', 'refused'],
      );
    }
  });

  it('are not made again where nobody knows what became of them', async () => {
    const all = Promise.allSettled([submit('j1'), submit('j2')]);
    await turn();
    calls[0]?.answer.reject(new Error('lost'));
    assert.deepEqual(
      (await all).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    const open = Promise.all([submit('j3'), submit('j4')]);
    await turn();
    calls[1]?.answer.resolve([
      { kind: 'unknown', jobName: 'j3', reason: 'lost' },
      { kind: 'unknown', jobName: 'j4', reason: 'lost' },
    ]);
    assert.deepEqual(
      (await open).flat().map(({ kind }) => kind),
      ['unknown', 'unknown'],
    );
    assert.equal(calls.length, 2);
  });

  it('ask for sites once in ten seconds, and again after trouble or a refusal', async () => {
    const { metaconfig } = shared.client;
    await Promise.all([metaconfig.getSiteSpecs(), metaconfig.getSiteSpecs()]);
    now += 9000;
    await metaconfig.getSiteSpecs();
    assert.equal(asked.length, 1);
    now += 1000;
    await metaconfig.getSiteSpecs();
    shared.forgetSites();
    await metaconfig.getSiteSpecs();
    assert.equal(asked.length, 3);
    trouble = new Error('down');
    now += 10_000;
    await assert.rejects(metaconfig.getSiteSpecs());
    trouble = undefined;
    await metaconfig.getSiteSpecs();
    now -= 5000;
    await metaconfig.getSiteSpecs();
    assert.equal(asked.length, 6);
  });

  it('look for a file in the cache once in a minute, and for another content of its name', async () => {
    const { files } = shared.client;
    await Promise.all([
      files.ensureCacheFile('a', Buffer.from('1')),
      files.ensureCacheFile('a', Buffer.from('1')),
    ]);
    await files.ensureCacheFile('b', Buffer.from('1'));
    await files.ensureCacheFile('a', Buffer.from('2'));
    assert.deepEqual(asked, ['a', 'b', 'a']);
    now += 60_000;
    await files.ensureCacheFile('a', Buffer.from('2'));
    const large = Buffer.alloc(1024 * 1024);
    await files.ensureCacheFile('c', large);
    await files.ensureCacheFile('c', large);
    assert.deepEqual(asked.slice(3), ['a', 'c', 'c']);
  });
});
