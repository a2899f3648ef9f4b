import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { endOf, submissionEnds } from '../../../src/editor/staging/areaEnds.ts';
import { ageText, areaEntry, removeQuestion, type ToRemove } from '../../../src/editor/staging/cleanTexts.ts';
import {
  createStagingCredentials,
  keyTrouble,
  profileOfSecret,
  sessionCredentials,
  type StagingKeys,
} from '../../../src/editor/staging/credentials.ts';
import type { Secrets } from '../../../src/editor/vscode/secrets.ts';
import type { StagingSettings, SubmitOutcome } from '../../../src/panda/index.ts';
import { createJobStore, type JournalEntry } from '../../../src/watch/index.ts';

const keys: StagingKeys = { kind: 'keys', accessKeyId: 'AKIDTEST', secretAccessKey: 'very/secret+1' };

/** A secret storage in memory. */
function fakeSecrets(): Secrets & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: (key) => Promise.resolve(kept.get(key)),
    store: (key, value) => Promise.resolve(void kept.set(key, value)),
    delete: (key) => Promise.resolve(void kept.delete(key)),
  };
}

describe('staging credentials', () => {
  it('are kept by profile, and forgotten', async () => {
    const secrets = fakeSecrets();
    const credentials = createStagingCredentials(secrets);
    await credentials.keep('usdf', keys);
    await credentials.keep('slac', { ...keys, sessionToken: 'token==' });
    assert.deepEqual(await credentials.read('usdf'), keys);
    assert.deepEqual(await credentials.read('slac'), { ...keys, sessionToken: 'token==' });
    assert.deepEqual([...secrets.kept.keys()].map(profileOfSecret), ['usdf', 'slac']);
    assert.equal(profileOfSecret('other'), undefined);
    await credentials.forget('usdf');
    assert.equal(await credentials.read('usdf'), undefined);
    assert.equal(secrets.kept.size, 1);
  });

  it('are none where the secret is something else', async () => {
    const secrets = fakeSecrets();
    const credentials = createStagingCredentials(secrets);
    const good = { accessKeyId: 'A', secretAccessKey: 'B' };
    for (const text of [
      '',
      'null',
      '[]',
      '{"accessKeyId":"A"}',
      JSON.stringify({ ...good, secretAccessKey: 'a b' }),
      JSON.stringify({ ...good, accessKeyId: '' }),
      JSON.stringify({ ...good, sessionToken: 7 }),
      JSON.stringify({ ...good, sessionToken: 'x'.repeat(20_000) }),
    ]) {
      secrets.kept.set('stagingCredentials:usdf', text);
      assert.equal(await credentials.read('usdf'), undefined, text);
    }
  });

  it('are asked for only where a bucket wants them, and a storage that fails hinders nothing', async () => {
    const secrets = fakeSecrets();
    const credentials = createStagingCredentials(secrets);
    await credentials.keep('usdf', keys);
    const notes: unknown[] = [];
    const note = (error: unknown): number => notes.push(error);
    const bucket: StagingSettings = {
      kind: 's3',
      bucket: 'desc',
      prefix: undefined,
      endpoint: undefined,
      region: undefined,
      pathStyle: undefined,
      caFile: undefined,
      credentialsProfile: undefined,
      checksums: undefined,
    };
    assert.deepEqual(await sessionCredentials({ name: 'usdf', staging: bucket }, credentials, note), keys);
    const broken = createStagingCredentials({
      ...secrets,
      get: () => Promise.reject(new Error('no keyring')),
    });
    assert.equal(await sessionCredentials({ name: 'usdf', staging: bucket }, broken, note), undefined);
    assert.match(inspect(notes), /no keyring/u);
    const folder = { kind: 'folder', folder: '/data' } as const;
    assert.equal(await sessionCredentials({ name: 'usdf', staging: folder }, broken, note), undefined);
    assert.equal(await sessionCredentials({ name: 'usdf' }, broken, note), undefined);
    assert.equal(notes.length, 1);
    assert.ok(!inspect(notes, { depth: 10 }).includes(keys.secretAccessKey));
  });

  it('are looked at while they are typed', () => {
    assert.equal(keyTrouble(' AKIDTEST '), undefined);
    assert.match(keyTrouble('') ?? '', /empty/u);
    assert.match(keyTrouble('a b') ?? '', /blanks/u);
    assert.match(keyTrouble('x'.repeat(257)) ?? '', /256/u);
  });
});

const accepted = (pandaId: number): SubmitOutcome => ({
  kind: 'accepted',
  jobName: `n.${pandaId}`,
  pandaId,
  jobsetId: null,
});
const other = (kind: 'refused' | 'unknown' | 'notSent'): SubmitOutcome => ({
  kind,
  jobName: 'n.9',
  reason: '',
});

function entry(
  outcomes: readonly SubmitOutcome[],
  { status = 'ended', forgotten = false }: { status?: JournalEntry['status']; forgotten?: boolean } = {},
): JournalEntry {
  const jobs = outcomes.map((outcome) => ({ outcome, forgotten }));
  return { status, submission: { name: 'noise', outcomes, jobs } } as unknown as JournalEntry;
}

describe('the jobs of a staging area', () => {
  const states = new Map([
    [1, 'finished'],
    [2, 'failed'],
    [3, 'running'],
  ]);

  it('have ended when every one that PanDA took has', () => {
    const cases: readonly (readonly [string, JournalEntry | undefined])[] = [
      ['ended', entry([accepted(1), accepted(2), other('refused')])],
      ['unfinished', entry([accepted(1), accepted(3)])],
      ['unfinished', entry([accepted(4), accepted(3)])],
      ['unknown', entry([accepted(1), accepted(4)])],
      ['unfinished', entry([accepted(1), other('unknown')])],
      ['unfinished', entry([accepted(1), other('notSent')])],
      ['ended', entry([accepted(1), other('notSent')], { forgotten: true })],
      ['unfinished', entry([accepted(1)], { status: 'running' })],
      ['unknown', undefined],
    ];
    for (const [end, one] of cases) assert.equal(endOf(one, undefined, states), end);
    assert.equal(endOf(undefined, { states: { finished: 2, running: 1 } }, states), 'unfinished');
    assert.equal(endOf(undefined, { states: { finished: 2, running: 0 } }, states), 'unknown');
  });

  it('are asked for at PanDA only where the window does not show them', async () => {
    const store = createJobStore();
    store.apply([
      { pandaId: 1, jobName: 'noise.mi1f9x0k01.1', state: 'finished' },
      { pandaId: 3, jobName: 'noise.mi1f9x0k02.1', state: 'running' },
    ]);
    const entries: Readonly<Record<string, JournalEntry>> = {
      mi1f9x0k01: entry([accepted(1)]),
      mi1f9x0k02: entry([accepted(3), accepted(4)]),
      mi1f9x0k03: entry([accepted(5), accepted(6)]),
    };
    const asked: number[][] = [];
    const describe = (pandaIds: readonly number[]) => {
      asked.push([...pandaIds]);
      return Promise.resolve(pandaIds.map((PandaID) => ({ PandaID, jobStatus: 'finished' })));
    };
    const deps = {
      client: { jobs: { describe } },
      store,
      journal: { read: (_: string, id: string) => Promise.resolve(entries[id]) },
      profile: { name: 'test' },
    } as unknown as Parameters<typeof submissionEnds>[1];
    const { signal } = new AbortController();
    const ids = ['mi1f9x0k01', 'mi1f9x0k02', 'mi1f9x0k03', 'mi1f9x0k04'];
    const ends = await submissionEnds(ids, deps, signal);
    assert.deepEqual(
      ids.map((id) => ends.get(id)?.end),
      ['ended', 'unfinished', 'ended', 'unknown'],
    );
    assert.equal(ends.get('mi1f9x0k03')?.name, 'noise');
    assert.deepEqual(asked, [[5, 6]]);
    await assert.rejects(submissionEnds(ids, deps, AbortSignal.abort(new Error('enough'))), /enough/u);
  });
});

describe('cleaning up', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  const area = {
    name: { user: 'ada', date: '2026-11-01', submissionId: 'mi1f9x0k2a' },
    files: 1200,
    size: 3.4e9,
    modified: Date.parse('2026-11-03T12:00:00Z'),
  };
  const nothing: ToRemove = {
    areas: 0,
    doubtful: 0,
    files: 0,
    size: 0,
    inputs: 0,
    inputsSize: 0,
    uploads: 0,
    place: 's3://desc/panda',
  };

  it('shows each area with its age, files and size', () => {
    assert.deepEqual(areaEntry(area, { end: 'ended', name: 'noise' }, now), {
      label: 'noise',
      description: '1,200 files · 3.4 GB · last put 25 days ago',
      detail: '2026-11-01/mi1f9x0k2a',
    });
    const doubt = areaEntry(area, { end: 'unknown', name: undefined }, now);
    assert.equal(doubt.label, 'mi1f9x0k2a');
    assert.match(doubt.detail, /whether its jobs have ended is not known here$/u);
    assert.equal(ageText(now - 3_600_000, now), '1 h ago');
  });

  it('names count and size before anything goes, and what goes with it', () => {
    const some = { ...nothing, areas: 3, files: 1200, size: 3.4e9 };
    assert.deepEqual(removeQuestion(some), {
      question: 'Remove 3 areas with 1,200 files, 3.4 GB?',
      detail: 'From s3://desc/panda, for good. Outputs and logs of jobs that are staged there go with them.',
    });
    const all = { ...some, doubtful: 1, inputs: 2, inputsSize: 1e8, uploads: 1 };
    assert.equal(
      removeQuestion(all).question,
      'Remove 3 areas with 1,200 files, 2 inputs that nothing uses and 1 upload that never ended, 3.5 GB?',
    );
    assert.match(removeQuestion(all).detail, /Of 1 it is not known whether the jobs have ended/u);
    assert.deepEqual(removeQuestion({ ...nothing, uploads: 2 }), {
      question: 'Remove 2 uploads that never ended?',
      detail: 'From s3://desc/panda, for good.',
    });
  });
});
