import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../support/until.ts';
import { buildCrashProgram, jobOfInstance, openCrashWorld } from './crashWorld.ts';
import type { CrashProgram, CrashWorld } from './crashWorld.ts';

/** More than the writes of one job's life. */
const MOST_WRITES = 40;
/** Lives at once: each mostly waits. */
const WIDTH = 4;
/** `DESC_PANDA_CRASH_JOBS=1000` for the long run, which also dies on both sides of every write. */
const JOBS = Number(process.env.DESC_PANDA_CRASH_JOBS ?? 20);
const IS_LONG = process.env.DESC_PANDA_CRASH_JOBS !== undefined;
/** A service that serves is killed within this time. */
const LONGEST_LIFE_MS = IS_LONG ? 5000 : 2000;
/** Longest time that the mail server takes for its answer to a mail's text. */
const SLOW_MAIL_MS = IS_LONG ? 20 : 100;

/** One start and one end mail for each job, the start first; none came again, and none was in doubt. */
function checkMails({ mails, log }: CrashWorld, jobs: number): void {
  const seen = new Map<string, string[]>();
  for (const { mail } of mails.received) {
    seen.set(mail.processInstance, [...(seen.get(mail.processInstance) ?? []), mail.kind]);
  }
  const odd = [...seen].filter(([, kinds]) => kinds.join(' ') !== 'start end');
  assert.deepEqual(odd, []);
  assert.equal(seen.size, jobs);
  assert.equal(new Set(mails.received.map(({ messageId }) => messageId)).size, 2 * jobs);
  assert.doesNotMatch(log(), /^mail\.(doubtful|lost)/m);
}

/** Process instances whose end the pipeline knows. */
function ended({ mails }: CrashWorld): number {
  const ends = mails.received.filter(({ mail }) => mail.kind === 'end');
  return new Set(ends.map(({ mail }) => mail.processInstance)).size;
}

describe('a job control service that is killed', () => {
  let program: CrashProgram;
  const worlds: CrashWorld[] = [];
  const open = async (): Promise<CrashWorld> => {
    const world = await openCrashWorld(program);
    worlds.push(world);
    return world;
  };
  const close = async (): Promise<void> => {
    for (const world of worlds.splice(0)) await world.dispose();
  };
  before(async () => {
    program = await buildCrashProgram();
  });
  afterEach(close);
  after(() => program.dispose());

  /** Jobs that are submitted at once while their service is killed at a moment are one each. */
  const submitAt = async (moment: string, instances: readonly number[]): Promise<CrashWorld> => {
    const world = await open();
    world.start(moment);
    const ids = await Promise.all(instances.map((instance) => world.submit(jobOfInstance(instance))));
    const stored = [...world.panda.stored.values()];
    assert.deepEqual(
      stored.map((jobs) => jobs.length),
      instances.map(() => 1),
      moment,
    );
    assert.deepEqual(stored.flat().map(String).sort(), [...ids].sort(), moment);
    return world;
  };

  /** The life of one job while its service is killed at a moment; false where that never came. */
  const lifeWith = async (moment: string, instance: number): Promise<boolean> => {
    const world = await submitAt(moment, [instance]);
    await until('the end mail', () => Promise.resolve(ended(world) === 1), {
      timeoutMs: 120_000,
      seen: () => Promise.resolve(world.log()),
    });
    assert.equal([...world.panda.stored.values()].flat().length, 1, moment);
    checkMails(world, 1);
    return world.deaths > 0;
  };

  it('at any write to its journal makes one job of one, and tells of it once', async () => {
    let write = 1;
    for (let died = true; died && write < MOST_WRITES; write += WIDTH) {
      const next = Array.from({ length: WIDTH }, (_, index) => write + index);
      const moments = next.flatMap((number) =>
        (IS_LONG ? ['before', 'after'] : [number % 2 === 0 ? 'before' : 'after']).map(
          (where) => [`${where}:write:${number}`, number] as const,
        ),
      );
      const lives = await Promise.all(moments.map(([moment, number]) => lifeWith(moment, number)));
      await close();
      died = lives.every((life) => life);
    }
    // It has to be killed during all of a job's life, from its first note to its last mail.
    assert.ok(write > 12 && write < MOST_WRITES, `${write} writes`);
  });

  it('while it commits what several submissions note makes one job of each', async () => {
    // A job is noted four times until it is with PanDA.
    const moments = IS_LONG
      ? [1, 2, 3, 4].flatMap((commit) => [`before:commit:${commit}`, `after:commit:${commit}`])
      : ['before:commit:2', 'after:commit:3', 'before:commit:4'];
    const killed = await Promise.all(moments.map((moment) => submitAt(moment, [1, 2, 3, 4, 5])));
    assert.deepEqual(
      killed.map(({ deaths }) => deaths),
      moments.map(() => 1),
    );
  });

  it(`at any time makes ${JOBS} jobs of ${JOBS}, and tells of each once`, async function () {
    this.timeout(300_000 + JOBS * 3000);
    const world = await open();
    // So that many kills fall between a mail's text and the server's answer.
    world.mails.beforeAnswer = () => sleep(Math.random() * SLOW_MAIL_MS);
    world.start('never');
    let working = true;
    const killing = (async () => {
      while (working) {
        // A busy machine takes long to start it, and in no time of its life it is to be safe.
        if (world.serves || Math.random() < 0.02) {
          await sleep(Math.random() * LONGEST_LIFE_MS);
          if (working) world.kill();
        }
        await sleep(100);
      }
    })();
    const ids: string[] = [];
    let next = 1;
    const submitAll = async (): Promise<void> => {
      while (next <= JOBS) {
        const instance = next++;
        // However fast it is, it is killed while it works.
        if (instance === JOBS) await until('a kill', () => Promise.resolve(world.deaths > 0));
        ids.push(await world.submit(jobOfInstance(instance)));
      }
    };
    try {
      await Promise.all(Array.from({ length: 8 }, submitAll));
      await until('all end mails', () => Promise.resolve(ended(world) === JOBS), {
        timeoutMs: 60_000 + JOBS * 2000,
        seen: () => Promise.resolve(`${ended(world)} mails`),
      });
    } finally {
      working = false;
      await killing;
    }
    const stored = [...world.panda.stored.values()].flat();
    assert.equal(stored.length, JOBS);
    assert.deepEqual(new Set(ids), new Set(stored.map(String)));
    checkMails(world, JOBS);
    console.log(
      `        ${JOBS} jobs, ${world.deaths} kills: ${world.mails.received.length} mails, none twice`,
    );
  });
});
