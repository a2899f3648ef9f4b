/** Submits jobs with files until it is killed: started by the tests that kill it, with what it needs as JSON. */
import { join } from 'node:path';
import { createPandaClient } from '../../../../src/panda/index.ts';
import type { InputFile, StagingSettings } from '../../../../src/panda/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import { createSubmissionJournal, submitJobs } from '../../../../src/watch/index.ts';
import { hastyClock, plan } from './plans.ts';
import { profileOf } from './server.ts';
import { TEST_KEYS } from '../stagingWorld.ts';

/** What a child is told. */
export interface StagedChildOrder {
  readonly url: string;
  readonly folder: string;
  readonly staging: StagingSettings;
  readonly jobs: number;
  readonly inputs: readonly InputFile[];
  readonly outputs: readonly string[];
}

const order = JSON.parse(process.argv[2] ?? '') as StagedChildOrder;
const profile = { ...profileOf(order.url), staging: order.staging };
const client = createPandaClient(profile);
const stores = createStagingStores(TEST_KEYS);
await submitJobs(plan(order.jobs, { inputs: order.inputs, outputs: order.outputs }), {
  client,
  profile,
  clock: hastyClock(),
  journal: createSubmissionJournal(join(order.folder, 'journal')),
  random: Math.random,
  stores,
  uploadsFolder: join(order.folder, 'uploads'),
});
stores.dispose();
client.dispose();
