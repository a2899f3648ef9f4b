import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobRecord } from '../../../src/panda/index.ts';
import { decodeJob } from '../../../src/panda/wire/decode.ts';

const folder = join(import.meta.dirname, '../../fixtures/panda-transcripts');

interface Exchange {
  readonly name: string;
  readonly response: { readonly body: { readonly data: readonly unknown[] } };
}

/** A job as a real server described it: the recording's file and the exchange's name. */
export function recordedJob(file: string, name: string): JobRecord {
  const exchanges = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as readonly Exchange[];
  const exchange = exchanges.find((candidate) => candidate.name === name);
  const record = decodeJob(exchange?.response.body.data[0]);
  if (record === null) throw new Error(`no job in ${file}: ${name}`);
  return record;
}

export const recorded = {
  activated: () => recordedJob('job-lifecycle-finished', 'get_description (activated)'),
  running: () => recordedJob('job-lifecycle-finished', 'get_description (running)'),
  holding: () => recordedJob('job-lifecycle-finished', 'get_description (holding: waits for the adder)'),
  finished: () => recordedJob('job-lifecycle-finished', 'get_description (finished)'),
  failed: () => recordedJob('job-lifecycle-failed', 'payload failure: description after adder'),
  cancelled: () => recordedJob('job-kill', 'running: final state: description'),
  cancelRequested: () => recordedJob('job-kill', 'running: after the kill: description'),
} as const;
