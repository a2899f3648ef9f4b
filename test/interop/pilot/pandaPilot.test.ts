import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import {
  adler32,
  buildJobSpec,
  createPandaClient,
  formatAdler32,
  isFinal,
  makeJobName,
} from '../../../src/panda/index.ts';
import type { JobRecord, PandaClient, Profile } from '../../../src/panda/index.ts';
import { sandboxProfile, startSandboxServer } from '../../../src/sandbox/index.ts';
import type { SandboxServer } from '../../../src/sandbox/index.ts';
import { createTransformations } from '../../../src/transformations/index.ts';
import { readPayloadSource } from '../../unit/transformations/payloadSources.ts';
import { until } from '../../support/until.ts';
import { doAfter, temporaryFolder } from '../doAfter.ts';
import { pandaPilot } from '../programs/pandaPilot.ts';
import { usePrograms } from '../usePrograms.ts';
import { startRelay } from './relay.ts';
import type { Relay } from './relay.ts';
import { runPilot } from './runPilot.ts';
import type { PilotOrder } from './runPilot.ts';

/** Scripts of jobs are fetched from a few places only; this is one. */
const TRUSTED = 'http://pandaserver-doma.cern.ch:25080/trf/user/';

describe('the pilot of grid sites with the sandbox', () => {
  const pathOf = usePrograms(pandaPilot);
  const later = doAfter();
  let server: SandboxServer;
  let profile: Profile;
  let client: PandaClient;
  let relay: Relay;
  let number = 0;

  before(async () => {
    // Without a pilot of its own.
    server = await startSandboxServer({
      dataFolder: await temporaryFolder(later),
      owner: userInfo().username,
      heartbeatSeconds: 30,
    });
    later(() => server.close());
    const { url, token } = server;
    profile = sandboxProfile({ url, token, pid: process.pid, startedAt: 0 }, userInfo().username);
    client = createPandaClient(profile);
    later(() => client.dispose());
    relay = await startRelay(later, profile, TRUSTED);
  });
  beforeEach(() => {
    relay.seen.length = 0;
    relay.translates = false;
  });

  const hello = async (words: readonly string[], cache: string): Promise<number> => {
    const transformation = createTransformations(readPayloadSource).find(({ id }) => id === 'hello');
    const built = transformation?.build(undefined, { arguments: words });
    const request = built?.kind === 'requests' ? built.requests[0] : undefined;
    assert.ok(request);
    const { payload } = request.transformation;
    await client.files.ensureCacheFile(payload.name, payload.content);
    number += 1;
    const jobName = makeJobName(request.name, 'abcdefghij', number);
    const cacheUrl = (name: string): string => cache + name;
    const spec = buildJobSpec(request, { profile, jobName, jobDefinitionId: number, cacheUrl });
    const [outcome] = await client.jobs.submit([spec]);
    assert.ok(outcome?.kind === 'accepted', JSON.stringify(outcome));
    return outcome.pandaId;
  };
  const job = async (id: number): Promise<JobRecord> => {
    const [record] = await client.jobs.describe([id]);
    assert.ok(record);
    return record;
  };
  const activated = (id: number): Promise<boolean> =>
    until(`job ${id} to be activated`, async () => (await job(id)).jobStatus === 'activated');

  const order = (): PilotOrder => ({ program: pathOf(pandaPilot), relay, token: server.token });

  const ended = (id: number): Promise<JobRecord> =>
    until(`end of job ${id}`, async () => {
      const record = await job(id);
      return isFinal(record.jobStatus) && record;
    });

  /** What it asked, in order; heartbeats that follow each other count as one. */
  const calls = (): readonly string[] =>
    relay.seen
      .map(({ call, state, status }) => [call, state, status].filter(Boolean).join(' '))
      .filter((call, index, all) => call !== all[index - 1]);

  it('asks what servers refuse since the old API is gone', async () => {
    const enough = new AbortController();
    const running = runPilot(later, { ...order(), signal: enough.signal });
    await until('a call of the pilot', () => Promise.resolve(relay.seen.length > 0));
    enough.abort();
    await running;
    assert.deepEqual(calls(), ['POST /server/panda/getJob 403']);
  });

  it('runs HelloPanda where those calls are answered by their successors', async () => {
    relay.translates = true;
    const id = await hello([], TRUSTED);
    await activated(id);
    const { code, home, log } = await runPilot(later, order());
    assert.equal(code, 0, log);
    const done = await ended(id);
    assert.deepEqual(
      relay.seen.flatMap(({ trouble }) => trouble ?? []),
      [],
    );
    assert.deepEqual(calls(), [
      'POST /server/panda/getJob 200',
      'POST /server/panda/updateJob starting 200',
      `GET ${done.transformation} 200`,
      'POST /server/panda/updateJob running 200',
      'POST /server/panda/updateJob finished 200',
    ]);
    assert.deepEqual([done.jobStatus, done.transExitCode, done.pilotErrorCode], ['finished', '0', 0]);
    assert.match(done.pilotID ?? '', /\|PR\|3\./u);
    const output = done.files.find(({ type }) => type === 'output');
    const left = await readFile(await onlyFile(home, output?.lfn ?? ''));
    assert.equal(left.length, output?.fsize);
    assert.equal(`ad:${formatAdler32(adler32(left))}`, output?.checksum);
    assert.match(left.toString(), /Hello/u);
  });

  it('reports what failed: a payload, and a script from a place that it does not know', async () => {
    relay.translates = true;
    const failing = await hello(['--code', '3'], TRUSTED);
    const elsewhere = await hello([], `${server.url}/cache/`);
    await Promise.all([failing, elsewhere].map(activated));
    // It waits for two minutes before it reports a failure.
    await Promise.all([runPilot(later, order()), runPilot(later, order())]);
    const [payload, script] = await Promise.all([failing, elsewhere].map(ended));
    assert.deepEqual(
      [payload?.jobStatus, payload?.transExitCode, payload?.pilotErrorCode],
      ['failed', '3', 1305],
    );
    assert.deepEqual([script?.jobStatus, script?.pilotErrorCode], ['failed', 1149]);
    const fetched = relay.seen.filter(({ call }) => call.startsWith('GET '));
    assert.deepEqual(
      fetched.map(({ call }) => call),
      [`GET ${payload?.transformation}`],
    );
  });
});

/** The file of a name, wherever below a folder. */
async function onlyFile(folder: string, name: string): Promise<string> {
  const found: string[] = [];
  for await (const path of glob(`**/${name}`, { cwd: folder })) found.push(join(folder, path));
  assert.equal(found.length, 1, found.join());
  return found[0] ?? '';
}
