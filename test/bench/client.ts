import { atMost, type BenchPart, timed } from './part.ts';
import { submitAll, withSandbox } from './realSandbox.ts';

/** Milliseconds that a user should wait at most; a real server needs about 9 ms a job to take it. */
const submitGoals = [
  [1, 100],
  [100, 1_000],
  [1_000, 5_000],
  [5_000, 20_000],
] as const;
const readGoals = [
  [1_000, 2_000],
  [5_000, 8_000],
] as const;

/** The client's bulk calls against a sandbox server whose pilot stands still. */
export const client: BenchPart = {
  name: 'client',
  run: (report) =>
    withSandbox(0, async ({ client: panda, specs }) => {
      await submitAll(panda, specs(1));
      let ids: number[] = [];
      for (const [count, goal] of submitGoals) {
        const batch = specs(count);
        const took = await timed(async () => (ids = await submitAll(panda, batch)));
        report(atMost(`submit ${count.toLocaleString('en')}`, took, 'ms', goal));
      }
      for (const [count, goal] of readGoals) {
        const some = ids.slice(0, count);
        const states = await timed(() => panda.jobs.getStatus(some));
        report(atMost(`status of ${count.toLocaleString('en')}`, states, 'ms', goal));
        const records = await timed(async () => {
          const found = await panda.jobs.describe(some);
          if (found.some((record) => record === null)) throw new Error('a job is not there');
        });
        report(atMost(`description of ${count.toLocaleString('en')}`, records, 'ms', goal));
      }
    }),
};
