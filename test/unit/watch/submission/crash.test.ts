import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createPandaClient } from '../../../../src/panda/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import {
  createSubmissionJournal,
  recoverSubmissions,
  resendJobs,
  unknownJobs,
} from '../../../../src/watch/index.ts';
import type { SubmitJobsDeps } from '../../../../src/watch/index.ts';
import { fastClock } from './plans.ts';
import { startSubmissionServer } from './server.ts';
import type { SubmissionServer } from './server.ts';

const ROUNDS = 24;
const JOBS = 1600;
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/** What a round's child lives to see: so many milliseconds after its start, or a moment of its n-th submit call. */
type Moment =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'call'; readonly call: number; readonly stored: boolean };

function momentOf(round: number): Moment {
  if (round % 2 === 0) return { kind: 'time', ms: (round * 17) % 240 };
  return { kind: 'call', call: ((round - 1) / 2) % 8, stored: round % 4 === 1 };
}

describe('a submission whose process is killed', () => {
  it(`is neither lost nor doubled, whenever it happens (${ROUNDS} rounds)`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crash-'));
    const kinds: Record<string, number> = {};
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const server = await startSubmissionServer();
        try {
          const kind = await crashAndRecover(server, join(folder, String(round)), momentOf(round));
          kinds[kind] = (kinds[kind] ?? 0) + 1;
        } finally {
          await server.close();
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    // The moments are of use only if they met the submission in different states.
    assert.ok((kinds.partly ?? 0) >= 5, JSON.stringify(kinds));
  });
});

async function crashAndRecover(server: SubmissionServer, folder: string, moment: Moment): Promise<string> {
  await killAt(server, folder, moment);
  const client = createPandaClient(server.profile);
  const journal = createSubmissionJournal(folder);
  const deps: SubmitJobsDeps = {
    client,
    profile: server.profile,
    journal,
    clock: fastClock(),
    random: () => 0.5,
    stores: createStagingStores(),
    uploadsFolder: join(folder, 'uploads'),
  };
  try {
    const before = server.stored.size;
    const { problems } = await recoverSubmissions(deps);
    assert.deepEqual(problems, []);
    const { entries } = await journal.list('sandbox');
    if (entries.length === 0) {
      assert.equal(server.stored.size, 0, 'jobs were sent that were not noted down');
      return 'none';
    }
    assert.equal(entries.length, 1);
    const submission = entries[0]!.submission;
    const known = new Map(
      submission.outcomes.flatMap((outcome) =>
        outcome.kind === 'accepted' ? [[outcome.jobName, outcome.pandaId] as const] : [],
      ),
    );
    for (const [name, ids] of server.stored) {
      assert.deepEqual([known.get(name)], ids, `${name} is lost or doubled`);
    }
    assert.equal(known.size, server.stored.size, 'jobs are claimed that do not exist');
    const notSent = submission.outcomes.filter((outcome) => outcome.kind === 'notSent').length;
    assert.equal(notSent + unknownJobs(submission).length + known.size, submission.jobs.length);
    if (entries[0]!.status === 'ended' && submission.jobs.length === JOBS && known.size < JOBS) {
      const again = await resendJobs(submission.id, deps);
      assert.equal(again.outcomes.filter((outcome) => outcome.kind === 'accepted').length, JOBS);
      assert.deepEqual(
        [...server.stored.values()].filter((ids) => ids.length !== 1),
        [],
      );
    }
    return before === 0 ? 'noted' : before < JOBS ? 'partly' : 'whole';
  } finally {
    client.dispose();
  }
}

/** Starts a submission in a process of its own, kills it at the moment given, and waits for the server to be done. */
async function killAt(server: SubmissionServer, folder: string, moment: Moment): Promise<void> {
  const child = spawn(process.execPath, [CHILD, server.profile.server, folder, String(JOBS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  server.beforeStore = async () => {
    const call = server.calls - 1;
    if (moment.kind === 'call' && call >= moment.call && !moment.stored) child.kill('SIGKILL');
    await sleep(3);
    // The jobs are stored when this returns; the kill comes before their answer can.
    if (moment.kind === 'call' && call >= moment.call && moment.stored) child.kill('SIGKILL');
  };
  await Promise.race([once(child.stdout, 'data'), ended]);
  assert.ok(child.exitCode === null || child.exitCode === 0, 'the submitting process did not come up');
  if (moment.kind === 'time') {
    await Promise.race([sleep(moment.ms), ended]);
    child.kill('SIGKILL');
  }
  await ended;
  // What it sent last may be heard after its end.
  await server.settled();
}
