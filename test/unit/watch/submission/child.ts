/** Submits jobs until it is killed: started by submissionCrash.test.ts with the server, the folder and a number of jobs. */
import { join } from 'node:path';
import { createPandaClient } from '../../../../src/panda/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import { createSubmissionJournal, submitJobs } from '../../../../src/watch/index.ts';
import { plan } from './plans.ts';
import { profileOf } from './server.ts';

const [url = '', folder = '', count = '1'] = process.argv.slice(2);
const profile = profileOf(url);
const client = createPandaClient(profile);
const clock = {
  now: () => Date.now(),
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(timer) };
  },
};
process.stdout.write('begun\n');
await submitJobs(plan(Number(count)), {
  client,
  profile,
  clock,
  journal: createSubmissionJournal(folder),
  random: Math.random,
  stores: createStagingStores(),
  uploadsFolder: join(folder, 'uploads'),
});
client.dispose();
