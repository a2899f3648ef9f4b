import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checksumsOf } from '../../../../src/staging/index.ts';
import { recoverSubmissions, resumeSubmission, submitJobs } from '../../../../src/watch/index.ts';
import type { StoredSubmission } from '../../../../src/watch/index.ts';
import { ScriptedS3 } from '../../staging/scriptedS3.ts';
import { plan } from './plans.ts';
import { s3Settings, stagingWorld } from '../stagingWorld.ts';
import type { StagedChildOrder } from './stagedChild.ts';

const CHILD = fileURLToPath(new URL('./stagedChild.ts', import.meta.url));
const JOBS = 3;
const OUTPUTS = ['image.fits'];

/** A call that the child lives to see; with `done` it was carried out, and the child did not hear of it. */
interface Moment {
  readonly what: string;
  readonly done: boolean;
  /** Of the store: its operation, and a part of the key. */
  readonly store?: readonly [operation: string, key: string];
  readonly secret?: true;
  readonly submit?: true;
  /** Whether the journal knows the submission by then. */
  readonly noted: boolean;
}

const calls: readonly Omit<Moment, 'done'>[] = [
  { what: 'the look for files that are there', store: ['HeadObject', '/a.txt'], noted: false },
  { what: 'sending a small file', store: ['PutObject', '/a.txt'], noted: false },
  { what: 'beginning to send a large file', store: ['CreateMultipartUpload', '/large'], noted: false },
  { what: 'sending a part of it', store: ['UploadPart', '/large'], noted: false },
  { what: 'putting its parts together', store: ['CompleteMultipartUpload', '/large'], noted: false },
  { what: 'noting which files it uses', store: ['PutObject', '/inputs.json'], noted: true },
  { what: 'sending its manifests', store: ['PutObject', '/manifests'], noted: true },
  { what: 'giving the server its secret', secret: true, noted: true },
  { what: 'sending its jobs', submit: true, noted: true },
];

describe('a staged submission whose process is killed', () => {
  const world = stagingWorld();
  let s3: ScriptedS3;
  beforeEach(async () => {
    s3 = new ScriptedS3();
    await s3.start();
  });
  afterEach(() => s3.stop());

  const contents = new Map([
    ['a.txt', Buffer.from('a small file')],
    ['in/large', randomBytes(9 * 1024 * 1024)],
  ]);

  for (const moment of calls.flatMap((call) => [false, true].map((done) => ({ ...call, done })))) {
    it(`${moment.done ? 'after' : 'before'} ${moment.what} loses no file and no job, and doubles none`, async () => {
      const inputs = [];
      for (const [name, content] of contents) inputs.push(await world.write(name, content));
      const settings = s3Settings(s3.endpoint);
      const order = { url: world.server.profile.server, folder: world.folder, staging: settings };
      await killAt(moment, { ...order, jobs: JOBS, inputs, outputs: OUTPUTS });

      const deps = world.deps(settings);
      const { problems } = await recoverSubmissions(deps);
      assert.deepEqual(problems, []);
      const { entries } = await world.journal.list('sandbox');
      assert.equal(entries.length, moment.noted ? 1 : 0);
      const [entry] = entries;
      const { id } =
        entry === undefined
          ? await submitJobs(plan(JOBS, { inputs, outputs: OUTPUTS }), deps)
          : await resumeSubmission(entry.submission.id, deps, { settledAfter: 0 });
      await mustBeWhole(id);
      const sent = world.server.calls;
      await resumeSubmission(id, deps, { settledAfter: 0 });
      assert.equal(world.server.calls, sent, 'jobs were sent that were there');
      await mustBeWhole(id);
    });
  }

  async function killAt(moment: Moment, order: StagedChildOrder): Promise<void> {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit');
    let met = false;
    const kill = (): void => {
      met = true;
      child.kill('SIGKILL');
    };
    s3.fault = ({ operation, key }) => {
      const [wanted, part = ''] = moment.store ?? [];
      if (met || operation !== wanted || !key.includes(part)) return undefined;
      kill();
      return { kind: moment.done ? 'cutAnswer' : 'silence' };
    };
    world.server.beforeSecret = () => {
      if (moment.secret === true) kill();
      return Promise.resolve(moment.secret !== true || moment.done);
    };
    world.server.mode = () => {
      if (moment.submit !== true) return 'answer';
      kill();
      return moment.done ? 'cutAfter' : 'cutBefore';
    };
    await ended;
    assert.ok(met, 'the child ended before its moment came');
    s3.fault = () => undefined;
    world.server.beforeSecret = () => Promise.resolve(true);
    world.server.mode = () => 'answer';
  }

  /** Every job is at the server once, and what it fetches is there and right. */
  async function mustBeWhole(id: string): Promise<void> {
    const { entries } = await world.journal.list('sandbox');
    assert.deepEqual(
      entries.map(({ submission }) => submission.id),
      [id],
    );
    const submission: StoredSubmission = entries[0]!.submission;
    const known = submission.outcomes.map((outcome) =>
      outcome.kind === 'accepted' ? [outcome.jobName, [outcome.pandaId]] : [outcome.jobName, outcome.kind],
    );
    assert.equal(known.length, JOBS);
    assert.deepEqual(Object.fromEntries(known), Object.fromEntries(world.server.stored));
    const url = world.server.secrets?.get(`desc_panda_${id}`) ?? '';
    const manifests = await (await fetch(url)).text();
    assert.equal(manifests.match(/^desc-panda-manifest 1$/gm)?.length, JOBS);
    for (const [name, content] of contents) {
      const lines = [...manifests.matchAll(new RegExp(`^get\t${name}\t(\\d+)\t\\w+\t(\\w+)\t(.*)$`, 'gm'))];
      assert.equal(lines.length, JOBS);
      const [, size, sha256, from = ''] = lines[0]!;
      assert.deepEqual([Number(size), sha256], [content.length, checksumsOf(content).sha256]);
      assert.ok(Buffer.from(await (await fetch(from)).arrayBuffer()).equals(content), name);
    }
    const staged = [...s3.objects.keys()].filter((key) => key.includes('/in/sha256/'));
    assert.equal(staged.length, contents.size);
    const left = await readdir(join(world.folder, 'uploads')).catch(() => []);
    assert.deepEqual(
      left.filter((name) => name.endsWith('.manifests')),
      [],
      'URLs stay on this machine',
    );
  }
});
