import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  buildJobSpec,
  createPandaClient,
  isFinal,
  jobErrors,
  makeJobName,
  manifestInSecret,
  type JobContext,
  type JobRecord,
  type JobRequest,
  type PandaClient,
  type Profile,
} from '../../../../src/panda/index.ts';
import {
  createSandboxControl,
  sandboxLayout,
  sandboxProfile,
  type SandboxControl,
} from '../../../../src/sandbox/index.ts';
import { createTransformations, type SourceFile } from '../../../../src/transformations/index.ts';
import { readPayloadSource } from '../../transformations/payloadSources.ts';
import { isAlive, until } from './pilotProcess.ts';

const source = (name: string) => fileURLToPath(new URL(`../../../../src/sandbox/${name}`, import.meta.url));
const USER = 'jane doe';

describe('sandbox with client and pilot', () => {
  let folder: string;
  let control: SandboxControl;
  let profile: Profile;
  let client: PandaClient;
  let number = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-end-to-end-'));
    control = createSandboxControl({
      options: { dataFolder: folder, port: 0, slots: 2, heartbeatSeconds: 1 },
      nodePath: process.execPath,
      mainEntry: source('main.ts'),
      pilotEntry: source('pilot/main.ts'),
      env: {},
      version: '1.2.3',
    });
    profile = sandboxProfile(await control.start(), USER);
    client = createPandaClient(profile);
  });
  after(async () => {
    client.dispose();
    await control.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  function build(
    id: 'hello' | 'script',
    words: readonly string[],
    file?: SourceFile,
    outputs?: string[],
  ): JobRequest {
    const transformation = createTransformations(readPayloadSource).find((one) => one.id === id)!;
    const built = transformation.build(file, {
      arguments: words,
      ...(outputs === undefined ? {} : { outputs }),
    });
    assert.ok(built.kind === 'requests', JSON.stringify(built));
    return built.requests[0]!;
  }

  async function submit(request: JobRequest, context: Partial<JobContext> = {}): Promise<number> {
    const { payload, tarball } = request.transformation;
    for (const file of [payload, tarball]) {
      if (file !== undefined) await client.files.ensureCacheFile(file.name, file.content);
    }
    number += 1;
    const jobName = makeJobName(request.name, 'abcdefghij', number);
    const cacheUrl = (name: string) => client.files.cacheUrl(name);
    const spec = buildJobSpec(request, { profile, jobName, jobDefinitionId: number, cacheUrl, ...context });
    const [outcome] = await client.jobs.submit([spec]);
    assert.ok(outcome?.kind === 'accepted', JSON.stringify(outcome));
    return outcome.pandaId;
  }
  const describeJob = async (id: number): Promise<JobRecord> => {
    const [record] = await client.jobs.describe([id]);
    assert.ok(record);
    return record;
  };
  const ended = (id: number) =>
    until(
      `end of job ${id}`,
      async () => {
        const record = await describeJob(id);
        return isFinal(record.jobStatus) && record;
      },
      30_000,
    );
  const running = (id: number) =>
    until(
      `job ${id} running`,
      async () => {
        const record = await describeJob(id);
        return record.jobStatus === 'running' && record;
      },
      30_000,
    );
  const readLog = async (record: JobRecord, name: string): Promise<string> => {
    const url = (record.pilotID ?? '').split('|')[0]!.replace(/[^/]*$/u, name);
    return Buffer.from((await client.files.readRange(url, 0, 65_536)).bytes).toString();
  };

  it('runs HelloPanda to its end', async () => {
    const record = await ended(await submit(build('hello', ['dear stars'])));
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    assert.equal(record.transExitCode, '0');
    assert.match(record.pilotID ?? '', /\/pilotlog\.txt\|sandbox\|PR\|desc-panda-1\.2\.3$/u);
    assert.match(await readLog(record, 'payload.stdout'), /^Hello from PanDA, dear stars\n/u);
    assert.match(await readLog(record, 'pilotlog.txt'), /Payload is over: exit code 0/u);
    const output = record.files.find(({ type }) => type === 'output')!;
    const url = `${profile.server}/storage/${record.PandaID}/${output.lfn!}`;
    const bytes = await client.files.readRange(url, 0, 65_536);
    assert.equal(output.fsize, bytes.size);
    assert.match(output.checksum ?? '', /^ad:[0-9a-f]{8}$/u);
    const names = await readdir(sandboxLayout(folder).workFolder);
    assert.deepEqual(
      names.filter((name) => name.startsWith(String(record.PandaID))),
      [],
      'the desk is cleared',
    );
  });

  it('says trans:3 for a payload that ends with 3', async () => {
    const record = await ended(await submit(build('hello', ['--code', '3'])));
    assert.equal(record.jobStatus, 'failed');
    const [first, second] = jobErrors(record);
    assert.deepEqual([first?.component, first?.code], ['trans', 3]);
    assert.deepEqual([second?.component, second?.code], ['pilot', 1305]);
    assert.match(second?.diag ?? '', /exit code 3: ERROR HelloPanda/u);
  });

  it('cancels a running job at its next heartbeat', async () => {
    const id = await submit(build('hello', ['--seconds', '1000']));
    await running(id);
    assert.deepEqual(await client.jobs.kill([id]), [true]);
    const record = await ended(id);
    assert.equal(record.jobStatus, 'cancelled');
  });

  it('runs a script with arguments and outputs of the worst kind', async () => {
    const file = {
      path: "/x/it's $(mine).py",
      content: Buffer.from('import sys\nopen("r ü.txt", "w").write("|".join(sys.argv[1:]))\n'),
    };
    const record = await ended(
      await submit(build('script', ['a b', '$(id)', "it's", 'ü'], file, ['r ü.txt'])),
    );
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    const output = record.files.find(({ type }) => type === 'output')!;
    const stored = join(sandboxLayout(folder).storageFolder, String(record.PandaID), output.lfn!);
    assert.equal(await readFile(stored, 'utf8'), "a b|$(id)|it's|ü");
  });

  it('gives a job its manifest behind a secret of its user, and shows the secret to nobody', async () => {
    const signature = 'X-Amz-Signature=0123456789abcdef';
    const sent = new Map<string, string>();
    const text = ['desc-panda-manifest 1', `put\thello.txt\tSTORE/hello?${signature}`, 'end\n'].join('\n');
    const store = createServer((request, response) => {
      const body = text.replace('STORE', url);
      const index = `${'24'.padStart(11, '0')} ${String(body.length).padStart(11, '0')}\n`;
      void readText(request).then((content) => {
        if (request.method === 'PUT') sent.set(request.url ?? '', content);
        response.end(request.method === 'GET' ? index + body : '');
      });
    });
    store.listen(0, '127.0.0.1');
    await once(store, 'listening');
    const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
    await client.creds.setUserSecret('desc_panda_x', `${url}/manifests?${signature}`);
    const record = await ended(
      await submit(build('hello', ['dear stars']), {
        manifest: manifestInSecret('desc_panda_x', 'a/manifests', 1),
        // Who the holder of the sandbox's token is: a secret is looked up by this name.
        profile: { ...profile, user: userInfo().username },
      }),
    );
    store.close();
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    assert.match(sent.get(`/hello?${signature}`) ?? '', /^Hello from PanDA, dear stars\n/u);
    assert.equal(record.specialHandling, 'us');
    await client.creds.setUserSecret('desc_panda_x', null);
    assert.deepEqual(await client.creds.getUserSecrets(), {});
    const holders = spawnSync('grep', ['-rl', 'X-Amz', folder], { encoding: 'utf8' }).stdout;
    assert.deepEqual(
      holders.split('\n').filter((file) => file !== '' && !/\/panda\.db(-wal)?$/u.test(file)),
      [],
    );
    assert.doesNotMatch(JSON.stringify(record), /X-Amz/u);
  });

  it('goes on with a running job after kill -9 of pilot and server', async () => {
    const id = await submit(build('hello', ['--seconds', '4']));
    await running(id);
    const { connection } = await control.status();
    process.kill(connection!.pid, 'SIGKILL');
    await until('end of the server', async () => !(await isAlive(connection!.pid)));
    const again = await control.start();
    assert.equal(again.url, connection!.url);
    const record = await ended(id);
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    const stdout = await readLog(record, 'payload.stdout');
    assert.equal(stdout.match(/^Hello from PanDA/gmu)?.length, 1, 'it ran once');
    assert.match(stdout, /second 4 of 4\n\nGoodbye\n$/u);
  });

  it('ends running jobs with the sandbox and tells the next one', async () => {
    const id = await submit(build('hello', ['--seconds', '1000']));
    await running(id);
    await control.stop();
    await control.start();
    const record = await ended(id);
    assert.equal(record.jobStatus, 'failed');
    assert.equal(record.pilotErrorCode, 1201);
    assert.match(record.pilotErrorDiag ?? '', /sandbox was stopped/u);
  });
});
