/**
 * Submits jobs to a sandbox until it is killed: started by submissionMany.test.ts, with the token on stdin. With the folder
 * of the sandbox, and files as JSON, these are staged there.
 */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createPandaClient } from '../../../../src/panda/index.ts';
import type { InputFile } from '../../../../src/panda/index.ts';
import { sandboxProfile } from '../../../../src/sandbox/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import { createSubmissionJournal, submitJobs, systemClock } from '../../../../src/watch/index.ts';
import { plan } from './plans.ts';

const [url = '', folder = '', count = '1', dataFolder, files = '[]'] = process.argv.slice(2);
const token = await text(process.stdin);
const profile = sandboxProfile({ url, token, pid: 1, startedAt: 0 }, 'panda', dataFolder);
const inputs = JSON.parse(files) as InputFile[];
const client = createPandaClient(profile);
await submitJobs(plan(Number(count), inputs.length === 0 ? {} : { inputs, outputs: ['image.fits'] }), {
  client,
  profile,
  journal: createSubmissionJournal(folder),
  clock: systemClock,
  random: Math.random,
  stores: createStagingStores(),
  uploadsFolder: join(folder, 'uploads'),
});
client.dispose();
