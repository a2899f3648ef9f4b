import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../support/until.ts';
import { buildCrashProgram, jobOfInstance, openCrashWorld } from './crashWorld.ts';
import type { CrashProgram, CrashWorld } from './crashWorld.ts';

/** More than the writes of one job's life. */
const MOST_WRITES = 40;
/** A service that serves is killed within this time. */
const LONGEST_LIFE_MS = 2000;
/** Lives at once: each mostly waits. */
const WIDTH = 4;
/** `DESC_PANDA_CRASH_JOBS=1000` for the long run, which also dies on both sides of every write. */
const JOBS = Number(process.env.DESC_PANDA_CRASH_JOBS ?? 20);
const IS_LONG = process.env.DESC_PANDA_CRASH_JOBS !== undefined;

/** What became of the mails of a run that was killed. */
interface MailsOfRun {
  /** End mails that came again, under the same Message-ID. */
  readonly again: number;
  /** Start mails that never came. */
  readonly missing: number;
}

/**
 * One start and one end mail for each job. Where a kill left one in doubt, and nowhere else, an end mail may have come twice
 * and a start mail not at all.
 */
function checkMails({ mails, log }: CrashWorld, jobs: number): MailsOfRun {
  const times = { start: new Map<string, number>(), end: new Map<string, number>() };
  const ids = new Map<string, string>();
  for (const { messageId, mail } of mails.received) {
    const { kind, processInstance } = mail;
    times[kind].set(processInstance, (times[kind].get(processInstance) ?? 0) + 1);
    ids.set(messageId, `${processInstance} ${kind}`);
  }
  const doubtful = (again: boolean): number =>
    log()
      .split('\n')
      .filter((line) => line.startsWith('mail.doubtful') && line.endsWith(`"again":${again}}`)).length;
  assert.equal(times.end.size, jobs, 'end mails');
  assert.equal(ids.size, times.start.size + times.end.size, 'one Message-ID for each mail');
  assert.deepEqual(
    [...times.start].filter(([, count]) => count > 1),
    [],
    'start mails that came again',
  );
  const again = mails.received.length - ids.size;
  const missing = jobs - times.start.size;
  assert.ok(again <= doubtful(true), `${again} mails came twice, but only ${doubtful(true)} were in doubt`);
  assert.ok(missing <= doubtful(false), `${missing} never came, but only ${doubtful(false)} were in doubt`);
  return { again, missing };
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

  /** The life of one job while its service is killed at a moment; undefined where that never came. */
  const lifeWith = async (moment: string, instance: number): Promise<MailsOfRun | undefined> => {
    const world = await submitAt(moment, [instance]);
    await until('the end mail', () => Promise.resolve(ended(world) === 1), {
      timeoutMs: 120_000,
      seen: () => Promise.resolve(world.log()),
    });
    assert.equal([...world.panda.stored.values()].flat().length, 1, moment);
    const found = checkMails(world, 1);
    return world.deaths === 0 ? undefined : found;
  };

  it('at any write to its journal makes one job of one, and tells of it once', async () => {
    const sum = { again: 0, missing: 0 };
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
      for (const life of lives) {
        sum.again += life?.again ?? 0;
        sum.missing += life?.missing ?? 0;
      }
      died = !lives.includes(undefined);
    }
    // It has to be killed during all of a job's life, from its first note to its last mail.
    assert.ok(write > 12 && write < MOST_WRITES, `${write} writes`);
    // A kill falls between a mail and its note at one or two of these moments.
    assert.ok(sum.again <= 2 && sum.missing <= 2, JSON.stringify(sum));
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
    this.timeout(300_000 + JOBS * 2000);
    const world = await open();
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
    await Promise.all(Array.from({ length: 8 }, submitAll));
    await until('all end mails', () => Promise.resolve(ended(world) === JOBS), {
      timeoutMs: 60_000 + JOBS * 1000,
      seen: () => Promise.resolve(`${ended(world)} mails`),
    });
    working = false;
    await killing;
    const stored = [...world.panda.stored.values()].flat();
    assert.equal(stored.length, JOBS);
    assert.deepEqual(new Set(ids), new Set(stored.map(String)));
    const { again, missing } = checkMails(world, JOBS);
    console.log(
      `        ${JOBS} jobs, ${world.deaths} kills: ${JOBS - missing} start mails, none twice; ${JOBS} end mails, ${again} twice`,
    );
  });
});
