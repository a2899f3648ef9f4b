import assert from 'node:assert/strict';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobRequest } from '../../../../src/panda/index.ts';
import { folderStore, readJobManifest, unusedInputs } from '../../../../src/staging/index.ts';
import type { AreaName, JobManifest } from '../../../../src/staging/index.ts';
import { prepareSubmission, renewStaging, resendJobs, submitJobs } from '../../../../src/watch/index.ts';
import type { SubmissionPlan, SubmitProgress, SubmitResult } from '../../../../src/watch/index.ts';
import { plan, request } from './plans.ts';
import { folderSettings, stagingWorld } from '../stagingWorld.ts';

const LOGS = ['payload.stdout', 'payload.stderr', 'wrapper.log', 'pipeline_summary', 'resources.json'];

describe('a submission that is staged in a folder', () => {
  const world = stagingWorld();
  const deps = () => world.deps(folderSettings(world));
  const area = ({ id, submittedAt }: SubmitResult): AreaName => ({
    user: 'panda_user',
    date: new Date(submittedAt).toISOString().slice(0, 10),
    submissionId: id,
  });
  const manifestOf = (result: SubmitResult, number: number): Promise<JobManifest | undefined> =>
    readJobManifest(folderStore(world.staged), { area: area(result), jobId: String(number), attempt: 1 });
  const inputKeys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of folderStore(world.staged).list('panda_user/in/')) found.push(key);
    return found.sort();
  };
  const planOf = (requests: readonly JobRequest[]): SubmissionPlan => ({ name: 'sweep', requests });
  const refusal = async (what: SubmissionPlan): Promise<string> => {
    const error: unknown = await submitJobs(what, deps()).catch((e: unknown) => e);
    assert.ok(error instanceof Error && 'advice' in error, String(error));
    assert.equal(world.server.calls, 0);
    assert.equal(await world.journalText(), '');
    return `${error.message} → ${String(error.advice)}`;
  };

  it('sends each file once, and tells every job where its manifest is', async () => {
    const shared = await world.write('catalog/all stars.txt', 'stars');
    const own = [await world.write('1.txt', 'one'), await world.write('2.txt', 'two')];
    const requests = own.map((file) => request({ inputs: [shared, file], outputs: ['out put.fits'] }));
    const progress: SubmitProgress[] = [];
    const result = await submitJobs(planOf(requests), deps(), { onProgress: (step) => progress.push(step) });
    assert.deepEqual(result.warnings, []);
    assert.deepEqual(
      result.outcomes.map(({ kind }) => kind),
      ['accepted', 'accepted'],
    );
    assert.deepEqual((await inputKeys()).map((key) => key.replace(/[0-9a-f]{64}/, 'SUM')).sort(), [
      'panda_user/in/sha256/SUM/1.txt',
      'panda_user/in/sha256/SUM/2.txt',
      'panda_user/in/sha256/SUM/catalog/all stars.txt',
    ]);
    const second = await manifestOf(result, 2);
    assert.deepEqual(
      second?.inputs.map(({ name, size }) => [name, size]),
      [
        ['catalog/all stars.txt', 5],
        ['2.txt', 3],
      ],
    );
    assert.deepEqual(second.outputs, ['out put.fits', ...LOGS]);
    const [entry] = (await world.journal.list('sandbox')).entries;
    for (const [index, { spec }] of entry!.submission.jobs.entries()) {
      const place = `file://.*/staging/panda_user/${area(result).date}/${result.id}/manifests#${index + 1}`;
      assert.match(
        spec.jobParameters ?? '',
        new RegExp(`^--manifest '?${place}'? --memory 2000 --walltime 3600 -- `),
      );
      assert.deepEqual(
        spec.files.map(({ type }) => type),
        ['log'],
      );
    }
    const staging = entry!.submission.staging!;
    assert.deepEqual([staging.area, staging.settings], [area(result), folderSettings(world)]);
    assert.ok(staging.signed!.expiresAt > Date.now() + 3 * 86_400_000);
    assert.equal(world.server.secrets?.size, 0, 'a folder needs no secret');
    assert.deepEqual(
      progress.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]),
      ['checking', 'uploading', 'staging', 'signing', 'submitting'],
    );
    const last = progress.findLast((step) => step.phase === 'staging');
    assert.deepEqual([last?.files, last?.filesDone, last?.bytesDone], [3, 3, 11]);
    assert.deepEqual(await readdir(join(world.folder, 'uploads')), [], 'what was made for it is gone');
  });

  it('keeps its inputs from being cleaned up, and sends nothing again that is there', async () => {
    const file = await world.write('a.txt', 'a');
    await submitJobs(planOf([request({ inputs: [file] })]), deps());
    const [key = ''] = await inputKeys();
    const store = folderStore(world.staged);
    assert.deepEqual(await unusedInputs(store, 'panda_user', Date.now() + 1000), []);
    const long = new Date('2026-01-01');
    await utimes(join(world.staged, key), long, long);
    await submitJobs(planOf([request({ inputs: [file] })]), deps());
    assert.equal((await store.head(key))?.modified, long.getTime());
  });

  it('goes below the folder that it names', async () => {
    const file = await world.write('a.txt', 'a');
    const result = await submitJobs(
      { ...planOf([request({ inputs: [file] })]), stagingFolder: 'trial/7' },
      deps(),
    );
    assert.deepEqual(await readdir(join(world.staged, 'trial/7/panda_user')), [area(result).date, 'in']);
    const [entry] = (await world.journal.list('sandbox')).entries;
    assert.match(entry?.submission.jobs[0]?.spec.jobParameters ?? '', /\/staging\/trial\/7\/panda_user\//);
  });

  it('refuses a file that was changed after the submission was planned', async () => {
    const longer = await world.write('longer.txt', 'a');
    await writeFile(longer.path, 'longer');
    const other = await world.write('other.txt', 'one');
    await writeFile(other.path, 'two');
    await utimes(other.path, new Date('2026-02-02'), new Date('2026-02-02'));
    for (const file of [longer, other]) {
      assert.equal(
        await refusal(planOf([request({ inputs: [file] })])),
        `Could not stage ${file.path}: it was changed after the submission was planned. → Submit it again when nobody writes to it`,
      );
    }
  });

  it('refuses a file that is gone', async () => {
    const file = await world.write('a.txt', 'a');
    await rm(file.path);
    assert.match(
      await refusal(planOf([request({ inputs: [file] })])),
      /^Could not send .*a\.txt: there is no such file\. → Check the name$/,
    );
  });

  it('refuses names that cannot be staged, all at once', async () => {
    const file = await world.write('a.txt', 'a');
    const inputs = [{ ...file, name: '../a.txt' }, file, file];
    const outputs = ['wrapper.log', 'live/x', 'ok.txt'];
    assert.match(
      await refusal(planOf([request({ inputs, outputs })])),
      /^PanDA would not take this, 4 problems: inputs\[0\] cannot be staged: .*it leads out of its folder; inputs\[2\] is called a\.txt, as another is; outputs\[0\] cannot be staged: .*the wrapper leaves a file of that name itself; outputs\[1\] cannot be staged: /,
    );
  });

  it('stages nothing for a profile without a place, and refuses what needs one', async () => {
    const bare = world.deps();
    const result = await submitJobs(plan(1, { outputs: ['a.txt'] }), bare);
    const [entry] = (await world.journal.list('sandbox')).entries;
    assert.equal(entry?.submission.id, result.id);
    assert.equal(entry.submission.staging, undefined);
    assert.match(entry.submission.jobs[0]?.spec.jobParameters ?? '', /--output a\.txt=HelloPanda\./);
    const file = await world.write('a.txt', 'a');
    assert.throws(() => prepareSubmission(plan(1, { inputs: [file] }), bare), {
      message: 'The jobs need files that are staged, and profile sandbox does not say where.',
    });
  });

  it('takes the files of an earlier job as they are staged, if they still are', async () => {
    const file = await world.write('a.txt', 'abc');
    const first = await submitJobs(planOf([request({ inputs: [file] })]), deps());
    await rm(file.path);
    const [staged] = (await manifestOf(first, 1))!.inputs;
    const again = planOf([request({ stagedInputs: [staged!] })]);
    const second = await submitJobs(again, deps());
    assert.deepEqual((await manifestOf(second, 1))?.inputs, [staged]);
    await rm(join(world.staged, 'panda_user/in'), { recursive: true });
    const calls = world.server.calls;
    await assert.rejects(submitJobs(again, deps()), {
      message: 'a.txt of these jobs is no longer staged. Nothing was sent.',
    });
    assert.equal(world.server.calls, calls);
  });

  it('goes on where it was stopped', async () => {
    const files = await Promise.all(
      Array.from({ length: 60 }, (_, index) => world.write(`${index}.txt`, `file ${index}`)),
    );
    const stop = new AbortController();
    const stopped = submitJobs(planOf([request({ inputs: files })]), deps(), {
      signal: stop.signal,
      onProgress: (step) => {
        if (step.phase === 'staging') stop.abort();
      },
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    assert.equal(await world.journalText(), '');
    const before = (await inputKeys()).length;
    assert.ok(before < 60, String(before));
    await submitJobs(planOf([request({ inputs: files })]), deps());
    assert.equal((await inputKeys()).length, 60);
  });

  it('leaves nothing in the journal when it is stopped while it is signed', async () => {
    const stop = new AbortController();
    const stopped = submitJobs(plan(300), deps(), {
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === 'signing') stop.abort();
      },
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    assert.equal(await world.journalText(), '');
    assert.equal(world.server.calls, 0);
  });

  it('signs anew before it sends again what did not get through', async () => {
    const file = await world.write('a.txt', 'abc');
    world.server.mode = () => 'cutBefore';
    const requests = Array.from({ length: 3 }, () => request({ inputs: [file], outputs: ['o'] }));
    const first = await submitJobs(planOf(requests), deps());
    world.server.mode = () => 'answer';
    const manifests = join(world.staged, 'panda_user', area(first).date, first.id, 'manifests');
    await rm(manifests);
    const again = await resendJobs(first.id, deps());
    assert.deepEqual(new Set(again.outcomes.map(({ kind }) => kind)), new Set(['accepted']));
    assert.deepEqual((await manifestOf(first, 3))?.outputs, ['o', ...LOGS]);
    assert.equal((await world.journalText()).match(/"type":"signed"/g)?.length, 2);
  });

  it('sends nothing again whose files are gone', async () => {
    const file = await world.write('a.txt', 'abc');
    world.server.mode = () => 'cutBefore';
    const first = await submitJobs(planOf([request({ inputs: [file] })]), deps());
    world.server.mode = () => 'answer';
    await rm(join(world.staged, 'panda_user/in'), { recursive: true });
    const { calls } = world.server;
    await assert.rejects(resendJobs(first.id, deps()), {
      message: 'a.txt of these jobs is no longer staged. Nothing was sent.',
    });
    assert.equal(world.server.calls, calls);
  });

  it('can be renewed, and only where it is staged', async () => {
    const result = await submitJobs(plan(2), deps());
    const manifests = join(world.staged, 'panda_user', area(result).date, result.id, 'manifests');
    const before = await readFile(manifests, 'utf8');
    await rm(manifests);
    const { expiresAt } = await renewStaging(result.id, deps());
    assert.ok(expiresAt > Date.now());
    const withoutTime = (text: string): string => text.replace(/expires\t\d+/g, '');
    assert.equal(withoutTime(await readFile(manifests, 'utf8')), withoutTime(before));
    assert.deepEqual((await world.journal.unsettled('sandbox')).entries, []);
    await assert.rejects(renewStaging('0000000000', deps()), {
      message: /There is no submission 0000000000/,
    });
    const bare = await submitJobs(plan(1), world.deps());
    await assert.rejects(renewStaging(bare.id, deps()), { message: /is staged nowhere/ });
  });
});
