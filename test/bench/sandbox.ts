import { until } from '../support/until.ts';
import { atLeast, type BenchPart } from './part.ts';
import { submitAll, withSandbox } from './realSandbox.ts';

const jobs = 200;
const slots = 4;

/** From the submission of jobs that do nothing until the last is finished, log upload and all. */
export const sandbox: BenchPart = {
  name: 'sandbox',
  run: (report) =>
    withSandbox(slots, async ({ client, specs }) => {
      const warm = await submitAll(client, specs(slots));
      await finished(warm);
      const begun = performance.now();
      await finished(await submitAll(client, specs(jobs)));
      const seconds = (performance.now() - begun) / 1000;
      report(atLeast(`no-op jobs, ${slots} slots`, jobs / seconds, 'jobs/s', 10));

      async function finished(ids: readonly number[]): Promise<void> {
        await until(
          `${ids.length} finished jobs`,
          async () => {
            const states = (await client.jobs.describe(ids)).map((record) => record?.jobStatus);
            const failed = states.find((state) => state === 'failed' || state === 'cancelled');
            if (failed !== undefined) throw new Error(`a job that does nothing is ${failed}`);
            return states.every((state) => state === 'finished');
          },
          { timeoutMs: 300_000 },
        );
      }
    }),
};
