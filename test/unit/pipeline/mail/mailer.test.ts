import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../../../../src/pipeline/mail/ledger.ts';
import { createMailer } from '../../../../src/pipeline/mail/mailer.ts';
import type { MailSource } from '../../../../src/pipeline/mail/mailer.ts';
import { createSmtp } from '../../../../src/pipeline/mail/smtp.ts';
import type { JobFacts } from '../../../../src/pipeline/service/facts.ts';
import { openJournal } from '../../../../src/pipeline/service/journal.ts';
import type { ServiceJournal } from '../../../../src/pipeline/service/journal.ts';
import { FakeClock } from '../../watch/fakeClock.ts';
import { startMailServer } from './mailServer.ts';
import type { MailServer } from './mailServer.ts';

const RUNNING: JobFacts = {
  state: 'running',
  cancelRequested: false,
  host: 'wn0001',
  site: 'SLAC-LSST',
  created: 1_000_000,
  started: 1_060_000,
  ended: null,
  cpuSeconds: 0,
  memoryKB: 0,
  swapKB: 0,
  exitCode: null,
  error: null,
};
const FINISHED: JobFacts = { ...RUNNING, state: 'finished', ended: 1_100_000, cpuSeconds: 30, exitCode: 0 };
const NO_SIGNAL = new AbortController().signal;

describe('mails of jobs', () => {
  let folder: string;
  let journal: ServiceJournal;
  let server: MailServer;
  let clock: FakeClock;
  let events: string[];
  let summary: () => Promise<string | undefined>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailer-'));
    journal = openJournal(join(folder, 'journal.sqlite'));
    server = await startMailServer();
    clock = new FakeClock();
    events = [];
    summary = () => Promise.resolve(undefined);
  });
  afterEach(async () => {
    journal.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  function accepted(instance: string): number {
    const identity = { task: 'phosim', instance, stream: '1', execution: '' };
    const more = { digest: '', directory: folder, workingDirectory: '/data/1', logFile: 'log.txt' };
    const { number } = journal.receive('glast', { identity, ...more }, clock.now());
    journal.change(number, { step: 'accepted', pandaId: Number(instance) + 1000, submitted: clock.now() });
    return number;
  }
  const say = (number: number, facts: JobFacts): void =>
    journal.noteFacts(new Map([[number, { facts, ended: facts.ended !== null }]]));
  /** A round of a mailer that knows only what is on the disk, as after a start. */
  const freshRound = async (more: Partial<MailSource> = {}): Promise<void> => {
    const mailer = createMailer({
      from: 'panda@example.org',
      to: 'pipeline@example.org',
      smtp: createSmtp({ host: '127.0.0.1', port: server.port, security: 'none', login: undefined }),
      journal,
      ledger: openLedger(journal.database),
      clock,
      tell: (_level, event) => events.push(event),
      since: 0,
    });
    await mailer.round({ user: 'glast', summaryOf: () => summary(), sentByJob: false, ...more }, NO_SIGNAL);
  };
  const kinds = (): string[] => server.received.map(({ mail }) => `${mail.processInstance} ${mail.kind}`);

  it('are sent once each, start before end', async () => {
    const one = accepted('1');
    accepted('2');
    await freshRound();
    assert.deepEqual(kinds(), []);
    say(one, RUNNING);
    for (let round = 0; round < 3; round++) await freshRound();
    assert.deepEqual(kinds(), ['1 start']);
    say(one, FINISHED);
    for (let round = 0; round < 3; round++) await freshRound();
    assert.deepEqual(kinds(), ['1 start', '1 end']);
  });

  it('hold what the job wrote', async () => {
    summary = () =>
      Promise.resolve('User: 12.5\nSystem: 1.5\nElapsed: 39\nPipeline.a: 1\nPipeline.b: x: y\n');
    say(accepted('3'), FINISHED);
    await freshRound();
    const end = server.received.at(-1)?.mail;
    assert.ok(end?.kind === 'end');
    assert.deepEqual(
      [end.user, end.system, end.elapsed, end.exitCode, [...end.variables]],
      [
        12.5,
        1.5,
        39,
        0,
        [
          ['a', '1'],
          ['b', 'x: y'],
        ],
      ],
    );
  });

  it('wait for what the job wrote, but not for ever', async () => {
    summary = () => Promise.reject(new Error('the store is down'));
    clock.wallTime = 1_100_000;
    say(accepted('4'), FINISHED);
    await freshRound();
    assert.deepEqual(kinds(), ['4 start']);
    clock.wallTime += 600_000;
    await freshRound();
    assert.deepEqual(kinds(), ['4 start', '4 end']);
    assert.ok(events.includes('mail.summary'));
  });

  it('say that a job failed which PanDA ended, and tell of one that never ran', async () => {
    say(accepted('5'), { ...FINISHED, state: 'cancelled', started: null, exitCode: null });
    await freshRound();
    const [start, end] = server.received.map(({ mail }) => mail);
    assert.equal(start?.startTime, 1_100_000);
    assert.ok(end?.kind === 'end');
    assert.equal(end.exitCode, -1);
  });

  it('are tried again after a refusal, later and later', async () => {
    server.verdict = (message) => (message === 0 ? 451 : 'take');
    say(accepted('6'), FINISHED);
    await freshRound();
    await freshRound();
    assert.deepEqual(kinds(), []);
    clock.wallTime += 15_000;
    await freshRound();
    assert.deepEqual(kinds(), ['6 start', '6 end']);
    assert.deepEqual(
      events.filter((event) => event !== 'mail.sent'),
      ['mail.waiting'],
    );
  });

  it('come again under the same Message-ID where nobody knows whether they came', async () => {
    server.verdict = (message) => (message === 0 ? 'lose' : 'take');
    say(accepted('7'), RUNNING);
    await freshRound();
    assert.deepEqual(openLedger(journal.database).counts(), { sending: 1, waiting: 0, sent: 0 });
    clock.wallTime += 15_000;
    await freshRound();
    assert.deepEqual(kinds(), ['7 start', '7 start']);
    assert.equal(new Set(server.received.map(({ messageId }) => messageId)).size, 1);
    assert.deepEqual(events, ['mail.lost', 'mail.doubtful', 'mail.sent']);
  });

  it('wait while the server is not there', async () => {
    await server.close();
    for (const instance of ['8', '9']) say(accepted(instance), FINISHED);
    await freshRound();
    // Others would fare no better.
    assert.deepEqual(events, ['mail.waiting']);
    server = await startMailServer();
    clock.wallTime += 15_000;
    await freshRound();
    assert.deepEqual(kinds(), ['8 start', '8 end', '9 start', '9 end']);
  });

  it('are only sent for a job that did not send them itself', async () => {
    summary = () => Promise.resolve('MailSent: start\nPipeline.a: 1\n');
    const number = accepted('10');
    say(number, RUNNING);
    await freshRound({ sentByJob: true });
    say(number, FINISHED);
    await freshRound({ sentByJob: true });
    assert.deepEqual(kinds(), ['10 end']);
  });
});
