import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCourier } from '../../../../src/pipeline/mail/courier/courier.ts';
import { CourierGone } from '../../../../src/pipeline/mail/courier/courierGone.ts';
import type { Courier } from '../../../../src/pipeline/mail/courier/courier.ts';
import type { OutgoingMail } from '../../../../src/pipeline/mail/courier/deliver.ts';
import type { NotedMail } from '../../../../src/pipeline/mail/courier/notes.ts';
import { until } from '../../../support/until.ts';
import { FakeClock } from '../../watch/fakeClock.ts';
import { startMailServer } from './mailServer.ts';
import type { MailServer } from './mailServer.ts';

const SOURCE = new URL('../../../../src/pipeline/mail/courier/', import.meta.url);
const PROGRAM = fileURLToPath(new URL('main.ts', SOURCE));
const NO_SIGNAL = new AbortController().signal;

const mailOf = (job: number): OutgoingMail => ({
  ...{ job, kind: 'start', messageId: `${job}.start@example.org` },
  ...{ from: 'panda@example.org', to: 'pipeline@example.org' },
  raw: `Message-ID: <${job}.start@example.org>\r\nSubject: ${job}\r\n\r\nStatus: Started\r\nProcessInstance: ${job}\r\n`,
});

/** A daemon that gives a courier one mail, says its process id, and is killed. */
const daemonSource = (options: object): string => `
import { createCourier } from ${JSON.stringify(new URL('courier.ts', SOURCE))};
const clock = { now: Date.now, after: (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return { dispose: () => clearTimeout(timer) };
} };
const courier = createCourier({ ...${JSON.stringify(options)}, clock });
courier.collect(() => undefined);
await courier.send(${JSON.stringify(mailOf(1))}, new AbortController().signal);
`;

describe('the courier of mails', () => {
  let folder: string;
  let server: MailServer;
  let clock: FakeClock;
  let answer: () => void;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'courier-'));
    server = await startMailServer();
    clock = new FakeClock();
    answer = () => undefined;
  });
  afterEach(async () => {
    answer();
    await server.close();
    await rm(folder, { recursive: true, maxRetries: 5 });
  });

  const orderWith = (more: object = {}) => ({
    program: PROGRAM,
    notesFile: join(folder, 'mails.sqlite'),
    smtp: { host: '127.0.0.1', port: server.port, security: 'none', login: undefined },
    ...more,
  });
  const courierWith = (more: object = {}): Courier =>
    createCourier({ ...orderWith(more), clock } as Parameters<typeof createCourier>[0]);
  /** From now on the server says nothing when it has a mail, until `answer` is called. */
  function hang(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const given = Promise.withResolvers<undefined>();
    answer = () => resolve(undefined);
    server.beforeAnswer = () => {
      given.resolve(undefined);
      return promise;
    };
    return given.promise;
  }
  /** What is collected when that can be. */
  const collected = (courier: Courier): Promise<readonly NotedMail[]> => {
    const found: NotedMail[] = [];
    return until('the earlier courier to end', () =>
      Promise.resolve(courier.collect((mail) => found.push(mail)) && found),
    );
  };
  const steps = (mails: readonly NotedMail[]): readonly string[] =>
    mails.map(({ messageId, step }) => `${messageId} ${step}`);
  const received = (): readonly string[] => server.received.map(({ messageId }) => messageId);

  it('sends, says so, and is gone when it rests', async () => {
    const courier = courierWith();
    assert.ok(courier.collect(() => assert.fail()));
    for (const job of [1, 2]) assert.deepEqual(await courier.send(mailOf(job), NO_SIGNAL), { step: 'sent' });
    assert.deepEqual(received(), ['<1.start@example.org>', '<2.start@example.org>']);
    await courier.rest();
    // What was heard is not given again.
    assert.deepEqual(await collected(courier), []);
    assert.deepEqual(await collected(courierWith()), []);
    assert.equal(clock.timers, 0);
  });

  it('tells a refusal from a loss, and notes what is not heard of', async () => {
    server.verdict = (message) => (message === 0 ? 550 : 'lose');
    const courier = courierWith();
    courier.collect(() => assert.fail());
    const refused = await courier.send(mailOf(1), NO_SIGNAL);
    assert.ok(refused.step === 'kept' && refused.problem.includes('550') && !refused.unreachable);
    const lost = await courier.send(mailOf(2), NO_SIGNAL);
    assert.ok(lost.step === 'lost' && lost.unreachable);
    await courier.rest();
    // Another process has not heard.
    assert.deepEqual(steps(await collected(courierWith())), ['2.start@example.org lost']);
  });

  it('brings the mail under way to its end when the daemon is killed, and nothing is sent meanwhile', async () => {
    const given = hang();
    const source = daemonSource(orderWith());
    const daemon = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module'], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    daemon.stdin.end(source);
    await given;
    daemon.kill('SIGKILL');
    const next = courierWith();
    assert.equal(
      next.collect(() => assert.fail()),
      false,
    );
    answer();
    assert.deepEqual(steps(await collected(next)), ['1.start@example.org sent']);
    assert.deepEqual(received(), ['<1.start@example.org>']);
  });

  it('is left when the daemon is to end and the mail server is silent, and ends by itself', async () => {
    const given = hang();
    const ending = new AbortController();
    const courier = courierWith();
    courier.collect(() => assert.fail());
    const sending = courier.send(mailOf(1), ending.signal);
    await given;
    ending.abort();
    await Promise.all([assert.rejects(sending, CourierGone), clock.pass(5000)]);
    await courier.rest();
    assert.equal(
      courier.collect(() => assert.fail()),
      false,
    );
    answer();
    assert.deepEqual(steps(await collected(courier)), ['1.start@example.org sent']);
  });

  it('says why it cannot begin', async () => {
    const courier = courierWith({ notesFile: join(folder, 'none', 'mails.sqlite') });
    await assert.rejects(courier.send(mailOf(1), NO_SIGNAL), /none\/mails\.sqlite: unable to open/);
    await courier.rest();
    const program = join(folder, 'broken.mjs');
    await writeFile(program, 'process.exit(3);\n');
    await assert.rejects(courierWith({ program }).send(mailOf(1), NO_SIGNAL), CourierGone);
    assert.deepEqual(received(), []);
  });

  describe('as a process', function () {
    before(function () {
      if (process.platform !== 'linux') this.skip();
    });
    const children = async (): Promise<readonly number[]> =>
      (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).split(' ').flatMap((pid) => {
        return pid === '' ? [] : Number(pid);
      });
    /** Of the one that sends now. */
    async function pidOfCourier(): Promise<number> {
      for (const pid of await children()) {
        if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(PROGRAM)) return pid;
      }
      return assert.fail('there is none');
    }

    it('has a session of its own, and no secret among its words and variables', async () => {
      const courier = courierWith({
        smtp: { ...orderWith().smtp, login: { user: 'me', password: 'hunter-2' } },
      });
      const sending = courier.send(mailOf(1), NO_SIGNAL);
      const pid = await until('the process', () => pidOfCourier().catch(() => undefined));
      const told = await Promise.all(
        ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
      );
      assert.doesNotMatch(told.join(''), /hunter/);
      const session = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[3];
      assert.equal(Number(session), pid);
      // The server wants no login, so that the mail is kept.
      assert.equal((await sending).step, 'kept');
      await courier.rest();
    });

    it('leaves a mail in doubt only where it is killed itself', async () => {
      const given = hang();
      const courier = courierWith();
      courier.collect(() => assert.fail());
      const sending = courier.send(mailOf(1), NO_SIGNAL);
      await given;
      const pid = await pidOfCourier();
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(pid, signal);
      assert.equal(
        courier.collect(() => assert.fail()),
        false,
      );
      process.kill(pid, 'SIGKILL');
      await assert.rejects(sending, CourierGone);
      assert.deepEqual(steps(await collected(courier)), ['1.start@example.org sending']);
    });
  });
});
