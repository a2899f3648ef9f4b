/** Submits jobs to a sandbox until it is killed: started by submissionMany.test.ts, with the token on stdin. */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createPandaClient } from '../../../src/panda/index.ts';
import { sandboxProfile } from '../../../src/sandbox/index.ts';
import { createStagingStores } from '../../../src/staging/index.ts';
import { createSubmissionJournal, submitJobs, systemClock } from '../../../src/watch/index.ts';
import { plan } from './submissionPlans.ts';

const [url = '', folder = '', count = '1'] = process.argv.slice(2);
const token = await text(process.stdin);
const profile = sandboxProfile({ url, token, pid: 1, startedAt: 0 }, 'panda');
const client = createPandaClient(profile);
await submitJobs(plan(Number(count)), {
  client,
  profile,
  journal: createSubmissionJournal(folder),
  clock: systemClock,
  random: Math.random,
  stores: createStagingStores(),
  uploadsFolder: join(folder, 'uploads'),
});
client.dispose();
