import assert from 'node:assert/strict';
import { createStagingStores } from '../../../src/staging/index.ts';
import { keepRenewed, submitJobs } from '../../../src/watch/index.ts';
import type { Clock, SubmitJobsDeps } from '../../../src/watch/index.ts';
import { until } from '../../support/until.ts';
import { ScriptedS3 } from '../staging/scriptedS3.ts';
import { plan } from './submission/plans.ts';
import { folderSettings, s3Settings, stagingWorld, TEST_KEYS } from './stagingWorld.ts';

const DAY = 86_400_000;
const LOOK = 600_000;

/** The machine's time and some more; only looks that are due come when it is moved. */
function movedClock(): Clock & { move(ms: number): void } {
  let ahead = 0;
  let waiting: { readonly at: number; readonly callback: () => void }[] = [];
  const now = (): number => Date.now() + ahead;
  return {
    now,
    after(ms, callback) {
      const entry = { at: now() + ms, callback };
      waiting.push(entry);
      return { dispose: () => void (waiting = waiting.filter((other) => other !== entry)) };
    },
    move(ms) {
      ahead += ms;
      const due = waiting.filter(({ at }) => at <= now());
      waiting = waiting.filter(({ at }) => at > now());
      for (const { callback } of due) callback();
    },
  };
}

describe('submissions whose jobs still wait', () => {
  const world = stagingWorld();
  let s3: ScriptedS3;
  let clock: ReturnType<typeof movedClock>;
  beforeEach(async () => {
    clock = movedClock();
    s3 = new ScriptedS3();
    await s3.start();
  });
  afterEach(() => s3.stop());

  const submitted = async (): Promise<string> => {
    const { id } = await submitJobs(plan(1), world.deps(s3Settings(s3.endpoint)));
    return id;
  };
  /** A store knows the real time only, and signs as long as it is asked for: what is asked for tells the rest. */
  const deps = (): SubmitJobsDeps => {
    const stores = createStagingStores(TEST_KEYS);
    const ahead = () => clock.now() - Date.now();
    return {
      ...world.deps(s3Settings(s3.endpoint), {
        open: (settings) => {
          const store = stores.open(settings);
          return Object.assign(Object.create(store) as typeof store, {
            presign: async (...args: Parameters<typeof store.presign>) => {
              const { url, expiresAt } = await store.presign(...args);
              return { url, expiresAt: expiresAt + ahead() };
            },
          });
        },
        dispose: () => stores.dispose(),
      }),
      clock,
    };
  };
  const signings = async (): Promise<number> =>
    (await world.journalText()).match(/"type":"signed"/g)?.length ?? 0;
  const watch = (given: SubmitJobsDeps, ids: Iterable<string>) => {
    const notes: string[] = [];
    const watching = keepRenewed(given, {
      submissions: () => ids,
      note: (id, error) => notes.push(`${id} ${String(error)}`),
    });
    return { notes, watching };
  };

  it('are signed anew a day before their URLs run out, once', async () => {
    const ids = [await submitted()];
    const one = watch(deps(), ids);
    const other = watch(deps(), ids);
    clock.move(LOOK);
    clock.move(DAY);
    assert.equal(await signings(), 1, 'they are good for three days and more');
    clock.move(2 * DAY);
    await until('a second signing', async () => (await signings()) === 2);
    for (let looks = 0; looks < 5; looks += 1) clock.move(LOOK);
    await new Promise((resolve) => setImmediate(resolve));
    one.watching.dispose();
    other.watching.dispose();
    assert.deepEqual([one.notes, other.notes], [[], []]);
    assert.equal(await signings(), 2, 'by one of the two');
    const [entry] = (await world.journal.list('sandbox')).entries;
    assert.equal(entry?.status, 'ended');
  });

  it('are told of where that fails, and tried again later', async () => {
    const ids = [await submitted()];
    clock.move(3 * DAY);
    s3.fault = () => ({ kind: 'error', status: 403, code: 'AccessDenied' });
    const { notes, watching } = watch(deps(), ids);
    await until('a note', () => Promise.resolve(notes.length > 0));
    assert.match(notes[0] ?? '', new RegExp(`^${ids[0]} StagingError: Could not put .*AccessDenied`));
    s3.fault = () => undefined;
    await until('a second signing', async () => {
      clock.move(LOOK);
      return (await signings()) >= 2;
    });
    watching.dispose();
    assert.equal(notes.length, 1);
  });

  it('are left alone in a folder, and where the journal knows them not', async () => {
    const folder = world.deps(folderSettings(world));
    const { id } = await submitJobs(plan(1), folder);
    clock.move(30 * DAY);
    const one = watch({ ...folder, clock }, [id]);
    const other = watch(deps(), ['0000000000']);
    clock.move(LOOK);
    one.watching.dispose();
    other.watching.dispose();
    assert.deepEqual([one.notes, other.notes, await signings()], [[], [], 1]);
  });
});
