import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JavaThrowable, JOB_CONTROL_EXCEPTION } from '../../../../src/pipeline/rmi/index.ts';
import { until } from '../../../support/until.ts';
import { buildCrashProgram, jobOfInstance, openCrashWorld } from './crashWorld.ts';
import type { CrashProgram, CrashWorld } from './crashWorld.ts';

/** A disk of its own for the state of the service, in the memory, which is full as long as a file `want` is there. */
const ON_SMALL_DISK = `
folder=$1; shift
mkdir "$folder/state" && mount -t tmpfs -o size=3m none "$folder/state" || exit 1
{
  while kill -0 $$ && sleep 0.05; do
    if [ -e "$folder/want" ]; then cat /dev/zero >> "$folder/state/filler"; : > "$folder/full"
    else rm -f "$folder/state/filler" "$folder/full"; fi
  done
} 2> /dev/null &
exec "$@"`;
const UNSHARE = ['unshare', '--map-root-user', '--mount'];

const [tool = '', ...flags] = UNSHARE;
const canMount = spawnSync(tool, [...flags, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

// Only Linux lets everybody have a disk of their own.
(canMount ? describe : describe.skip)('a job control service whose disk is full', () => {
  let program: CrashProgram;
  let world: CrashWorld;
  before(async () => {
    program = await buildCrashProgram();
  });
  beforeEach(async () => {
    world = await openCrashWorld(program, [...UNSHARE, 'sh', '-c', ON_SMALL_DISK, 'sh']);
    world.start('never');
  });
  afterEach(() => world.dispose());
  after(() => program.dispose());

  const setFull = async (full: boolean): Promise<void> => {
    if (full) await writeFile(join(world.folder, 'want'), '');
    else await rm(join(world.folder, 'want'));
    await until('the disk', () => Promise.resolve(existsSync(join(world.folder, 'full')) === full));
  };
  const stored = (): number => [...world.panda.stored.values()].flat().length;
  const mailed = (instances: number): Promise<true> =>
    until('the mails', () => Promise.resolve(world.mails.received.length >= 2 * instances), {
      timeoutMs: 120_000,
      seen: () => Promise.resolve(world.log()),
    });
  const kinds = (): readonly string[] =>
    world.mails.received.map(({ mail }) => `${mail.processInstance} ${mail.kind}`);

  it('says so in an exception that the pipeline knows, sends nothing, and goes on when there is space', async () => {
    await world.submit(jobOfInstance(1));
    await mailed(1);
    await setFull(true);
    for (let attempt = 0; attempt < 3; attempt++) {
      await assert.rejects(world.submitOnce(jobOfInstance(2)), (error) => {
        assert.ok(error instanceof JavaThrowable, String(error));
        assert.equal(error.className, JOB_CONTROL_EXCEPTION);
        assert.match(error.detail ?? '', /disk of the job control service is full/);
        return true;
      });
    }
    assert.equal(stored(), 1);
    await setFull(false);
    await world.submit(jobOfInstance(2));
    await mailed(2);
    assert.equal(stored(), 2);
    assert.deepEqual(kinds(), ['1 start', '1 end', '2 start', '2 end']);
    assert.equal(world.deaths, 0);
  });

  it('sends no mail twice though it could not note that it was sent', async () => {
    world.mails.beforeAnswer = () => {
      world.mails.beforeAnswer = () => Promise.resolve();
      return setFull(true);
    };
    await world.submit(jobOfInstance(1));
    await until('the daemon to say so', () => Promise.resolve(world.log().includes('journal.full')), {
      timeoutMs: 120_000,
      seen: () => Promise.resolve(world.log()),
    });
    await setFull(false);
    await mailed(1);
    assert.deepEqual(kinds(), ['1 start', '1 end']);
    assert.doesNotMatch(world.log(), /^mail\.doubtful/m);
    assert.equal(world.deaths, 0);
  });

  it('misses no end of a job, and tells of it once', async () => {
    const running = { jobStatus: 'running', startTime: '2026-11-28 05:00:00' };
    world.panda.describeJob = () => running;
    await world.submit(jobOfInstance(1));
    await until('the start mail', () => Promise.resolve(kinds().length === 1), { timeoutMs: 60_000 });
    await setFull(true);
    world.panda.describeJob = () => ({ ...running, jobStatus: 'finished', endTime: '2026-11-28 05:01:00' });
    const { descriptions } = world.panda;
    await until('some looks at the job', () => Promise.resolve(world.panda.descriptions > descriptions + 2), {
      timeoutMs: 60_000,
    });
    await setFull(false);
    await mailed(1);
    assert.deepEqual(kinds(), ['1 start', '1 end']);
    assert.equal(world.deaths, 0);
  });
});
