import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSmtp, SmtpError } from '../../../../src/pipeline/mail/smtp.ts';
import type { SmtpWaits } from '../../../../src/pipeline/mail/smtp.ts';

/** `hang`: says nothing; `drop`: breaks the connection; `drip`: goes on saying that it will say more; else what is said. */
type Step = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'text';
type Behaviour = Partial<Record<Step, string>> & { readonly slow?: number };

const USUAL: Readonly<Record<Step, string>> = {
  greeting: '220 here',
  EHLO: '250 here',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  text: '250 mine',
};
/** Long enough for a machine that has much else to do. */
const WAITS: SmtpWaits = { greeting: 30_000, answer: 30_000, mail: 60_000 };
/** Waits for what never comes; that for the end of a text is not to be over before the text. */
const shortFor = (step: Step): number => (step === 'text' ? 5000 : 1000);

describe('a mail server', () => {
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  });

  async function answer(socket: Socket, step: Step, behaviour: Behaviour): Promise<void> {
    const said = behaviour[step] ?? USUAL[step];
    await sleep(behaviour.slow ?? 0);
    if (said === 'drop') socket.destroy();
    else if (said === 'drip') while (!socket.destroyed) await sleep(100, socket.write('250-more\r\n'));
    else if (said !== 'hang') socket.write(`${said}\r\n`);
  }

  async function serve(socket: Socket, behaviour: Behaviour): Promise<void> {
    socket.on('error', () => undefined);
    sockets.add(socket);
    await answer(socket, 'greeting', behaviour);
    let inText = false;
    for await (const line of createInterface({ input: socket })) {
      const step: string | undefined = inText ? (line === '.' ? 'text' : undefined) : line.slice(0, 4);
      if (step === 'QUIT') return void socket.end('221 bye\r\n');
      if (step === undefined) continue;
      inText = step === 'DATA' && behaviour.DATA === undefined;
      await answer(socket, step as Step, behaviour);
    }
  }

  /** What is known of a mail: when it left, whether it was taken, and what is said of it. */
  async function send(behaviour: Behaviour, waits: Partial<SmtpWaits> = {}) {
    const server = createServer((socket) => void serve(socket, behaviour));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const smtp = createSmtp(
      { host: '127.0.0.1', port, security: 'none', login: undefined },
      { ...WAITS, ...waits },
    );
    const seen: string[] = [];
    const message = {
      from: 'panda@example.org',
      to: 'pipeline@example.org',
      raw: 'Subject: 1\r\n\r\nhi\r\n',
    };
    try {
      await smtp.send(message, { onLeaving: () => seen.push('left'), onTaken: () => seen.push('taken') });
    } catch (error) {
      assert.ok(error instanceof SmtpError, String(error));
      if (error.mayHaveSent) seen.push('lost');
      if (error.unreachable) seen.push('unreachable');
    } finally {
      server.close();
    }
    return seen.join(' ');
  }

  it('may be slow', async () => {
    assert.equal(await send({ slow: 100 }), 'left taken');
  });

  it('that says no has nothing, wherever it says so', async () => {
    const found = await Promise.all([
      send({ MAIL: '421 not now' }),
      send({ RCPT: '450 later' }),
      send({ RCPT: '550 nobody' }),
      send({ DATA: '554 no' }),
      send({ text: '451 later' }),
      send({ text: '554 no' }),
      send({ text: '421 closing' }),
    ]);
    const kept = ['unreachable', '', '', '', 'left', 'left', 'left unreachable'];
    assert.deepEqual(found, kept);
  });

  it('that breaks off, or falls silent, may have a mail only after its text', async () => {
    const steps = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'text'] as const;
    const expected = steps.map((step) => (step === 'text' ? 'left lost unreachable' : 'unreachable'));
    const dropped = await Promise.all(steps.map((step) => send({ [step]: 'drop' })));
    assert.deepEqual(dropped, expected);
    const silent = steps.map((step) =>
      send({ [step]: 'hang' }, { greeting: shortFor(step), answer: shortFor(step) }),
    );
    assert.deepEqual(await Promise.all(silent), expected);
  });

  it('that goes on saying something is given up, too', async () => {
    const found = await Promise.all([
      send({ MAIL: 'drip' }, { mail: shortFor('MAIL') }),
      send({ text: 'drip' }, { mail: shortFor('text') }),
    ]);
    assert.deepEqual(found, ['unreachable', 'left lost unreachable']);
  });
});
