import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { jobErrors } from '../../../src/panda/index.ts';
import type { JobRecord, JobRequest } from '../../../src/panda/index.ts';
import { createStagingStores, folderStore } from '../../../src/staging/index.ts';
import { createTransformations } from '../../../src/transformations/index.ts';
import { createJobFiles, downloadJobFile, findLog, submitJobs } from '../../../src/watch/index.ts';
import type { SubmitJobsDeps } from '../../../src/watch/index.ts';
import { until } from '../../support/until.ts';
import { ScriptedS3 } from '../staging/scriptedS3.ts';
import { s3Settings, TEST_KEYS } from '../watch/stagingWorld.ts';
import { readPayloadSource } from './payloadSources.ts';
import { SandboxJobs } from './sandboxJobs.ts';

const SCRIPT = '#!/bin/sh\ncat data/in*.txt\necho done > "out put.txt"\n';

describe('jobs whose files are staged, in a sandbox', () => {
  const sandbox = new SandboxJobs({ staged: true });
  const s3 = new ScriptedS3();
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "staged it's a job "));
    await Promise.all([sandbox.start(), s3.start()]);
  });
  after(async () => {
    await Promise.all([sandbox.stop(), s3.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => (s3.fault = () => undefined));

  /** A job of a script with an input of its own. */
  const job = async (script = SCRIPT, outputs = ['out put.txt']): Promise<JobRequest> => {
    const write = (name: string, content: string) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return { path, size: content.length, modified: statSync(path).mtimeMs };
    };
    const { path } = write('run me.sh', script);
    const options = { staged: true, sandbox: true, outputs };
    const transformation = createTransformations(readPayloadSource).find(({ id }) => id === 'script')!;
    const reading = await transformation.read({ path, content: Buffer.from(script) }, options);
    const built = reading.build(options);
    assert.ok(built.kind === 'requests', JSON.stringify(built));
    const [request] = built.requests;
    const input = { name: 'data/in 1.txt', ...write('in.txt', 'stars\n') };
    return { ...request!, inputs: [...(request?.inputs ?? []), input] };
  };
  const bucket = (): SubmitJobsDeps => {
    const { profile } = sandbox.deps();
    return sandbox.deps({
      // The server gives a job the secrets of its owner, which is who submits it.
      profile: { ...profile, user: userInfo().username, staging: s3Settings(s3.endpoint) },
      stores: createStagingStores(TEST_KEYS),
    });
  };
  /** Submits a job; what is done in between happens when all is staged and nothing is sent. */
  const submit = async (
    request: JobRequest,
    deps: SubmitJobsDeps,
    between: (id: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<JobRecord> => {
    const { outcomes } = await submitJobs({ name: 'staged', requests: [request] }, deps, {
      onBegin: ({ id }) => between(id),
    });
    assert.ok(outcomes[0]?.kind === 'accepted', JSON.stringify(outcomes));
    return sandbox.ended(outcomes[0].pandaId);
  };
  const failure = (record: JobRecord): string => {
    const [error] = jobErrors(record);
    return `${record.jobStatus} ${error?.component}:${error?.code} ${error?.diag ?? error?.title}`;
  };

  for (const where of ['a folder', 'a bucket'] as const) {
    it(`get their files from ${where}, and leave theirs there`, async () => {
      const deps = where === 'a folder' ? sandbox.deps() : bucket();
      const record = await submit(await job(), deps);
      assert.equal(record.jobStatus, 'finished', failure(record));
      assert.deepEqual(
        record.files.map(({ type }) => type),
        ['log'],
      );
      const source = createJobFiles(deps.client, deps);
      const { files, inputs, trouble } = await source.list(record);
      assert.equal(trouble, null);
      const staged = files.filter((file) => file.staged !== undefined).map(({ name }) => name);
      assert.deepEqual(staged, ['out put.txt', 'pipeline_summary', 'resources.json', 'wrapper.log']);
      assert.deepEqual(
        inputs.map(({ name }) => name),
        ['inputs/data/in 1.txt', 'inputs/run me.sh'],
      );
      const output = files.find(({ name }) => name === 'out put.txt')!;
      assert.match(output.sha256 ?? '', /^[0-9a-f]{64}$/);
      const path = await downloadJobFile(source, output, { folder: join(folder, where) });
      assert.equal(readFileSync(path, 'utf8'), 'done\n');
      const log = await findLog(deps.client, deps)(record)!.read('payload.stdout', 0, 100);
      assert.equal(Buffer.from(log.bytes).toString(), 'stars\n');
      const onlyStaged = { files: { readRange: () => Promise.reject(new TypeError('asked the pilot')) } };
      const alone = findLog(onlyStaged, deps)({ ...record, pilotID: null })!;
      assert.equal(Buffer.from((await alone.read('payload.stdout', 0, 100)).bytes).toString(), 'stars\n');
    });
  }

  it('show what they print from a bucket while they run', async () => {
    const deps = bucket();
    const script = '#!/bin/sh\necho begun\nwhile [ ! -e "$1" ]; do sleep 0.1; done\necho over\n';
    const flag = join(folder, 'flag');
    const request = { ...(await job(script, [])), arguments: [flag] };
    const { outcomes } = await submitJobs({ name: 'live', requests: [request] }, deps);
    assert.ok(outcomes[0]?.kind === 'accepted');
    const { pandaId } = outcomes[0];
    const read = async (): Promise<string> => {
      const [record] = await deps.client.jobs.describe([pandaId]);
      const silent = { files: { readRange: () => Promise.reject(new TypeError('asked the pilot')) } };
      const log = findLog(silent, deps)({ ...record!, pilotID: null });
      const piece = await log?.read('payload.stdout', 0, 100).catch(() => undefined);
      return Buffer.from(piece?.bytes ?? []).toString();
    };
    await until('the first piece', async () => (await read()) === 'begun\n');
    writeFileSync(flag, '');
    const record = await sandbox.ended(pandaId);
    assert.equal(record.jobStatus, 'finished', failure(record));
    assert.equal(await read(), 'begun\nover\n');
  });

  it('leave their logs, and not their outputs, when they fail', async () => {
    const deps = bucket();
    const record = await submit(await job('#!/bin/sh\necho x > "out put.txt"\necho why >&2\nexit 3\n'), deps);
    assert.match(failure(record), /^failed trans:3 /);
    const { files } = await createJobFiles(deps.client, deps).list(record);
    const staged = files.filter((file) => file.staged !== undefined).map(({ name }) => name);
    assert.deepEqual(staged, ['pipeline_summary', 'resources.json', 'wrapper.log']);
  });

  it('refuse a file that was changed between staging and run: 66', async () => {
    const deps = sandbox.deps();
    const record = await submit(await job(), deps, async () => {
      const { staging } = deps.profile;
      assert.ok(staging?.kind === 'folder');
      for await (const { key } of folderStore(staging.folder).list('jane_doe/in/')) {
        if (key.endsWith('in 1.txt')) writeFileSync(join(staging.folder, key), 'STARS\n');
      }
    });
    assert.match(failure(record), /^failed trans:66 data\/in 1\.txt is not the file that was staged: /);
    // Others are to find it as it should be.
    rmSync(join(sandbox.folder, 'staging', 'jane_doe', 'in'), { recursive: true });
  });

  it('say that their URLs have expired: 73', async () => {
    s3.fault = ({ operation, key, query }) =>
      operation === 'GetObject' && key.includes('/in/') && query.has('X-Amz-Signature')
        ? { kind: 'error', status: 403, code: 'AccessDenied', message: 'Request has expired' }
        : undefined;
    assert.match(failure(await submit(await job(), bucket())), /^failed trans:73 Could not fetch .*expired/);
  });

  it('say that the secret with their manifests is gone: 73', async () => {
    const deps = bucket();
    const record = await submit(await job(), deps, async (id) => {
      await deps.client.creds.setUserSecret(`desc_panda_${id}`, null);
    });
    assert.match(failure(record), /^failed trans:73 The pilot gave no secret desc_panda_\w{10}/);
  });

  it('say that an input is gone: 65', async () => {
    const record = await submit(await job(), bucket(), () => {
      for (const key of s3.objects.keys()) if (key.includes('/in/')) s3.objects.delete(key);
      return Promise.resolve();
    });
    assert.match(failure(record), /^failed trans:65 Could not fetch .*: it is not there/);
  });
});
