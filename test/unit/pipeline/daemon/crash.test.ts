import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../support/until.ts';
import { jobOfInstance, openCrashWorld } from './crashWorld.ts';
import type { CrashWorld } from './crashWorld.ts';

/** More than the writes of one job's life. */
const MOST_WRITES = 40;
/** `DESC_PANDA_CRASH_JOBS=1000` for the long run, which also dies on both sides of every write. */
const JOBS = Number(process.env.DESC_PANDA_CRASH_JOBS ?? 20);
const IS_LONG = process.env.DESC_PANDA_CRASH_JOBS !== undefined;

/** One start and one end mail for each; what came twice came under the same Message-ID. Mails that came twice. */
function checkMails({ mails, log }: CrashWorld, jobs: number): number {
  const ids = new Map<string, number>();
  for (const { messageId } of mails.received) ids.set(messageId, (ids.get(messageId) ?? 0) + 1);
  const kinds = new Map<string, string>();
  for (const { messageId, mail } of mails.received)
    kinds.set(messageId, `${mail.processInstance} ${mail.kind}`);
  assert.equal(new Set(kinds.values()).size, 2 * jobs);
  assert.equal(kinds.size, 2 * jobs, 'two Message-IDs for one mail');
  const twice = mails.received.length - kinds.size;
  const doubtful = log()
    .split('\n')
    .filter((line) => line.startsWith('mail.doubtful')).length;
  assert.ok(twice <= doubtful, `${twice} mails came twice, but only ${doubtful} were in doubt`);
  return twice;
}

function mailed({ mails }: CrashWorld): number {
  return new Set(mails.received.map(({ messageId }) => messageId)).size;
}

describe('a job control service that is killed', () => {
  const worlds: CrashWorld[] = [];
  const open = async (): Promise<CrashWorld> => {
    const world = await openCrashWorld();
    worlds.push(world);
    return world;
  };
  const close = async (): Promise<void> => {
    for (const world of worlds.splice(0)) await world.dispose();
  };
  afterEach(close);

  it('at any write to its journal makes one job of one, and tells of it once', async () => {
    let write = 1;
    let twice = 0;
    for (; write < MOST_WRITES; write++) {
      let died = false;
      for (const where of IS_LONG ? ['before', 'after'] : [write % 2 === 0 ? 'before' : 'after']) {
        await close();
        const world = await open();
        world.start(`${where}:${write}`);
        const id = await world.submit(jobOfInstance(write));
        await until('both mails', () => Promise.resolve(mailed(world) === 2), {
          seen: () => Promise.resolve(world.log()),
        });
        assert.deepEqual([...world.panda.stored.values()], [[Number(id)]], `${where} write ${write}`);
        twice += checkMails(world, 1);
        died ||= world.deaths > 0;
      }
      if (!died) break;
    }
    // It has to be killed during all of a job's life, from its first note to its last mail.
    assert.ok(write > 12 && write < MOST_WRITES, `${write} writes`);
    // Only where a mail was given and its end not noted nobody can know.
    assert.ok(twice <= 2, `${twice} mails came twice`);
  });

  it(`at any time makes ${JOBS} jobs of ${JOBS}, and tells of each once`, async function () {
    this.timeout(60_000 + JOBS * 2000);
    const world = await open();
    world.start('never');
    let working = true;
    const killing = (async () => {
      while (working) {
        // A busy machine takes long to start it, and in no time of its life it is to be safe.
        if (world.serves || Math.random() < 0.02) {
          await sleep(Math.random() * 4000);
          if (working) world.kill();
        }
        await sleep(100);
      }
    })();
    const ids: string[] = [];
    let next = 1;
    const submitAll = async (): Promise<void> => {
      while (next <= JOBS) ids.push(await world.submit(jobOfInstance(next++)));
    };
    await Promise.all(Array.from({ length: 8 }, submitAll));
    await until('all mails', () => Promise.resolve(mailed(world) === 2 * JOBS), {
      timeoutMs: 30_000 + JOBS * 1000,
      seen: () => Promise.resolve(`${mailed(world)} mails`),
    });
    working = false;
    await killing;
    const stored = [...world.panda.stored.values()].flat();
    assert.equal(stored.length, JOBS);
    assert.deepEqual(new Set(ids), new Set(stored.map(String)));
    const twice = checkMails(world, JOBS);
    console.log(
      `        ${JOBS} jobs, ${world.deaths} kills, ${2 * JOBS} mails, ${twice} came again under their Message-ID`,
    );
    assert.ok(world.deaths > 0);
  });
});
