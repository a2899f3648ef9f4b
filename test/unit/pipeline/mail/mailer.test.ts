import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CourierGone } from '../../../../src/pipeline/mail/courier/courierGone.ts';
import type { Courier } from '../../../../src/pipeline/mail/courier/courier.ts';
import { deliver } from '../../../../src/pipeline/mail/courier/deliver.ts';
import type { OutgoingMail } from '../../../../src/pipeline/mail/courier/deliver.ts';
import { openNotes } from '../../../../src/pipeline/mail/courier/notes.ts';
import type { CourierNotes, NotedMail } from '../../../../src/pipeline/mail/courier/notes.ts';
import { openLedger } from '../../../../src/pipeline/mail/ledger.ts';
import type { LedgerMail, MailKind, MailLedger } from '../../../../src/pipeline/mail/ledger.ts';
import { messageIdOf } from '../../../../src/pipeline/mail/messageId.ts';
import { createMailer } from '../../../../src/pipeline/mail/mailer.ts';
import type { Mailer, MailSource } from '../../../../src/pipeline/mail/mailer.ts';
import { createSmtp } from '../../../../src/pipeline/mail/smtp.ts';
import type { Smtp } from '../../../../src/pipeline/mail/smtp.ts';
import type { JobFacts } from '../../../../src/pipeline/service/facts.ts';
import { placeOf } from '../../../../src/pipeline/service/identity.ts';
import { openJournal } from '../../../../src/pipeline/service/journal.ts';
import type { ServiceJournal } from '../../../../src/pipeline/service/journal.ts';
import { FakeClock } from '../../watch/fakeClock.ts';
import { startMailServer } from './mailServer.ts';
import type { MailServer, MailVerdict } from './mailServer.ts';

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
const MAIL: OutgoingMail = {
  ...{ job: 1, kind: 'start', messageId: '1.start@example.org' },
  ...{ from: 'panda@example.org', to: 'pipeline@example.org' },
  raw: 'Subject: 1\r\n\r\nStatus: Started\r\nProcessInstance: 1\r\n',
};
const NO_SIGNAL = new AbortController().signal;

describe('mails of jobs', () => {
  let folder: string;
  let journal: ServiceJournal;
  let server: MailServer;
  let clock: FakeClock;
  let events: string[];
  let summary: () => Promise<string | undefined>;
  /** Whether the service ends before it hears what became of a mail. */
  let deaf: boolean;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailer-'));
    journal = openJournal(join(folder, 'journal.sqlite'));
    // No power is cut here.
    journal.database.exec('PRAGMA synchronous = OFF');
    server = await startMailServer();
    clock = new FakeClock();
    events = [];
    deaf = false;
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
    const { number } = journal.receive(
      'glast',
      { identity, place: placeOf({ env: new Map() }, identity), ...more },
      clock.now(),
    );
    journal.change(number, { step: 'accepted', pandaId: Number(instance) + 1000, submitted: clock.now() });
    return number;
  }
  const say = (number: number, facts: JobFacts): void =>
    journal.noteFacts(number, facts, facts.ended !== null);
  function openedNotes(): CourierNotes {
    const notes = openNotes(join(folder, 'mails.sqlite'), 0);
    assert.ok(notes);
    return notes;
  }
  function noteBefore(mail: NotedMail): void {
    const notes = openedNotes();
    notes.put(mail);
    notes.close();
  }
  const smtpHere = (): Smtp =>
    createSmtp({ host: '127.0.0.1', port: server.port, security: 'none', login: undefined });
  /** Does in this process what the courier's own does. */
  function courierHere(): Courier {
    let notes: CourierNotes | undefined;
    let collected = false;
    return {
      collect(take) {
        if (collected) return true;
        collected = true;
        const earlier = openedNotes();
        earlier.all().forEach(take);
        earlier.clear();
        earlier.close();
        return true;
      },
      async send(mail) {
        notes ??= openedNotes();
        const result = await deliver(mail, smtpHere(), notes, () => clock.now());
        if (deaf) throw new CourierGone('it ended');
        notes.remove(mail);
        return result;
      },
      rest() {
        notes?.close();
        notes = undefined;
        return Promise.resolve();
      },
    };
  }
  const mailerWith = (ledger: MailLedger) =>
    createMailer({
      from: 'panda@example.org',
      to: 'pipeline@example.org',
      courier: courierHere(),
      journal,
      ledger,
      clock,
      tell: (_level, event) => events.push(event),
      since: 0,
    });
  const roundOf = (mailer: Mailer, more: Partial<MailSource> = {}): Promise<void> =>
    mailer.round({ user: 'glast', summaryOf: () => summary(), sentByJob: false, ...more }, NO_SIGNAL);
  /** A round of a mailer that knows only what is on the disk, as after a start. */
  const freshRound = (more: Partial<MailSource> = {}): Promise<void> =>
    roundOf(mailerWith(openLedger(journal.database)), more);
  /** A mailer whose journal has no space while that is said. */
  const fullDisk = () => {
    const opened = openLedger(journal.database);
    const ledger = {
      ...opened,
      isFull: false,
      put(mail: LedgerMail): void {
        if (ledger.isFull) throw new Error('database or disk is full');
        opened.put(mail);
      },
    };
    const mailer = mailerWith(ledger);
    return { ledger, round: () => roundOf(mailer) };
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
    const { step, nextTry } = openLedger(journal.database).get(one, 'start') ?? {};
    assert.deepEqual([step, nextTry], ['sent', clock.now()]);
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

  it('are known to the next service where this one ended before it heard of them', async () => {
    const number = accepted('19');
    say(number, FINISHED);
    deaf = true;
    await freshRound();
    assert.deepEqual([kinds(), events], [['19 start'], ['mail.failed']]);
    assert.equal(openLedger(journal.database).get(number, 'start'), undefined);
    // It is killed between what is collected and what is heard, again and again.
    for (let life = 0; life < 3; life++) await freshRound();
    deaf = false;
    await freshRound();
    assert.deepEqual(kinds(), ['19 start', '19 end']);
    assert.deepEqual(openLedger(journal.database).counts(), { sending: 0, waiting: 0, sent: 2 });
  });

  it('are tried again where the service ended before it heard that they were refused or lost', async () => {
    const verdicts: readonly MailVerdict[] = [451, 'lose', 'take'];
    server.verdict = (message) => verdicts[message] ?? 'take';
    say(accepted('20'), RUNNING);
    deaf = true;
    for (let life = 0; life < 3; life++) await freshRound();
    deaf = false;
    await freshRound();
    assert.deepEqual(kinds(), ['20 start', '20 start']);
    assert.deepEqual(
      events.filter((event) => event !== 'mail.failed'),
      ['mail.doubtful'],
    );
  });

  it('of other jobs than the journal has are not taken for theirs', async () => {
    const number = accepted('21');
    const stranger = { job: number, kind: 'start', messageId: 'x@example.org', step: 'sent' } as const;
    noteBefore({ ...stranger, at: 1, problem: null });
    noteBefore({ ...stranger, job: 77, messageId: 'y@example.org', at: 1, problem: null });
    say(number, RUNNING);
    await freshRound();
    assert.deepEqual(kinds(), ['21 start']);
  });

  it('are in doubt where the machine ended: no start comes twice, and no end gets lost', async () => {
    const number = accepted('11');
    const job = journal.byNumber(number);
    assert.ok(job);
    const left = (kind: MailKind): NotedMail => ({
      ...{ job: number, kind, messageId: messageIdOf(job, kind, 'panda@example.org') },
      ...{ step: 'sending', at: clock.now(), problem: null },
    });
    noteBefore(left('start'));
    say(number, RUNNING);
    await freshRound();
    assert.deepEqual([kinds(), events], [[], ['mail.doubtful']]);
    noteBefore(left('end'));
    say(number, FINISHED);
    await freshRound();
    assert.deepEqual(kinds(), ['11 end']);
    assert.deepEqual(events, ['mail.doubtful', 'mail.doubtful', 'mail.sent']);
  });

  it('are not sent where that cannot be noted', async () => {
    const full = (): never => {
      throw new Error('database or disk is full');
    };
    const notes: CourierNotes = { put: full, remove: full, all: () => [], clear: full, close: full };
    assert.deepEqual(await deliver(MAIL, smtpHere(), notes, Date.now), {
      step: 'kept',
      problem: 'database or disk is full',
      unreachable: false,
    });
    assert.deepEqual(kinds(), []);
  });

  it('are told to be sent though there is no space to note it', async () => {
    let notes = 0;
    const once = (): void => {
      notes += 1;
      if (notes > 1) throw new Error('database or disk is full');
    };
    const nothing = (): void => undefined;
    const full: CourierNotes = { put: once, remove: once, all: () => [], clear: nothing, close: nothing };
    for (const [verdict, step] of [
      ['take', 'sent'],
      ['lose', 'lost'],
      [550, 'kept'],
    ] as const) {
      notes = 0;
      server.verdict = () => verdict;
      assert.equal((await deliver(MAIL, smtpHere(), full, Date.now)).step, step);
      assert.equal(notes, 2);
    }
  });

  it('are not sent again where it could not be noted that they were', async () => {
    say(accepted('13'), FINISHED);
    const { round, ledger } = fullDisk();
    server.verdict = () => {
      ledger.isFull = true;
      return 'take';
    };
    for (let again = 0; again < 3; again++) await round();
    assert.deepEqual(kinds(), ['13 start']);
    assert.deepEqual(events, ['mail.sent', 'journal.full', 'journal.full', 'journal.full']);
    ledger.isFull = false;
    server.verdict = () => 'take';
    for (let again = 0; again < 3; again++) await round();
    assert.deepEqual(kinds(), ['13 start', '13 end']);
    assert.deepEqual(openLedger(journal.database).counts(), { sending: 0, waiting: 0, sent: 2 });
  });

  it('wait for all jobs where one of them cannot be asked, and the start mails go out', async () => {
    let asked = 0;
    summary = () => {
      asked += 1;
      return Promise.reject(new DOMException('late', 'TimeoutError'));
    };
    clock.wallTime = 1_100_000;
    for (const instance of ['14', '15', '16']) say(accepted(instance), FINISHED);
    await freshRound();
    assert.deepEqual([asked, kinds()], [1, ['14 start', '15 start', '16 start']]);
  });

  for (const verdict of [421, 'lose'] as const) {
    it(`wait for a server that ${verdict === 421 ? 'takes no more' : 'does not answer'}`, async () => {
      let messages = 0;
      server.verdict = () => {
        messages += 1;
        return verdict;
      };
      for (const instance of ['17', '18']) say(accepted(instance), RUNNING);
      await freshRound();
      assert.equal(messages, 1);
    });
  }

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

  it('try a server that is away less and less often, but every five minutes', async () => {
    await server.close();
    say(accepted('8'), FINISHED);
    const mailer = mailerWith(openLedger(journal.database));
    const tried: number[] = [];
    const start = clock.wallTime;
    for (let round = 0; round < 120; round++) {
      await roundOf(mailer);
      if (events.splice(0).length > 0) tried.push((clock.wallTime - start) / 1000);
      clock.wallTime += 15_000;
    }
    assert.deepEqual(tried, [0, 15, 45, 105, 225, 465, 765, 1065, 1365, 1665]);
    clock.wallTime -= 86_400_000;
    await roundOf(mailer);
    assert.deepEqual(events, ['mail.waiting']);
    server = await startMailServer();
  });

  it('all wait while the server is away for hours, and then come once each, start before end', async () => {
    const HOUR = 3_600_000;
    await server.close();
    const instances = Array.from({ length: 30 }, (_, index) => String(100 + index));
    clock.wallTime = FINISHED.ended ?? 0;
    for (const instance of instances) say(accepted(instance), FINISHED);
    const rounds = 20;
    const mailer = mailerWith(openLedger(journal.database));
    for (let round = 0; round < rounds; round++) {
      await roundOf(mailer);
      clock.wallTime += (8 * HOUR) / rounds;
    }
    // One try a round: others would fare no better.
    assert.equal(events.length, rounds);
    assert.deepEqual(new Set(events), new Set(['mail.waiting']));
    server = await startMailServer();
    // They do not wait out a pause of their own.
    clock.wallTime += 300_000;
    for (let round = 0; round < 3; round++) await roundOf(mailer);
    for (const instance of instances) {
      const kindsOf = server.received.filter(({ mail }) => mail.processInstance === instance);
      assert.deepEqual(
        kindsOf.map(({ mail }) => mail.kind),
        ['start', 'end'],
        instance,
      );
    }
    assert.equal(server.received.length, 2 * instances.length);
    const sent = 2 * instances.length;
    assert.deepEqual(openLedger(journal.database).counts(), { sending: 0, waiting: 0, sent });
  });

  for (const days of [2, -2]) {
    it(`come once each, and soon, though the clock jumps by ${days} days while they wait`, async () => {
      const jump = (): void => void (clock.wallTime += days * 86_400_000);
      clock.wallTime = FINISHED.ended ?? 0;
      const verdicts: readonly MailVerdict[] = [451, 'take', 'lose', 'take'];
      server.verdict = (message) => verdicts[message] ?? 'take';
      say(accepted('30'), FINISHED);
      for (let round = 0; round < 4; round++) {
        await freshRound();
        jump();
      }
      assert.deepEqual(kinds(), ['30 start', '30 end', '30 end']);
      assert.deepEqual(openLedger(journal.database).counts(), { sending: 0, waiting: 0, sent: 2 });
      for (let round = 0; round < 3; round++) {
        jump();
        await freshRound();
      }
      assert.equal(server.received.length, 3);
    });
  }

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
