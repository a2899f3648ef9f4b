import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerSession } from 'smtp-server';
import { parseMail } from '../../../../src/pipeline/index.ts';
import type { PipelineMail } from '../../../../src/pipeline/index.ts';

export interface ReceivedMail {
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly mail: PipelineMail;
}

/** What becomes of a message: taken, refused by a reply code, or taken without the answer ever being told. */
export type MailVerdict = 'take' | 421 | 451 | 550 | 'lose';

/** A real SMTP server that keeps what it is sent. */
export interface MailServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  verdict: (message: number) => MailVerdict;
  /** What is waited for between a message's text and the answer. */
  beforeAnswer: () => Promise<unknown>;
  /** Told of each message before its text comes. */
  onRecipient: () => void;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  let messages = 0;
  const received: ReceivedMail[] = [];
  const state: Pick<MailServer, 'received' | 'verdict' | 'beforeAnswer' | 'onRecipient'> = {
    received,
    verdict: () => 'take',
    beforeAnswer: () => Promise.resolve(),
    onRecipient: () => undefined,
  };
  const take = async (stream: NodeJS.ReadableStream, session: SMTPServerSession): Promise<MailVerdict> => {
    const raw = await readText(stream);
    const verdict = state.verdict(messages++);
    if (typeof verdict === 'number') return verdict;
    const { subject = '', text = '', messageId = '' } = await simpleParser(raw);
    const { mailFrom, rcptTo } = session.envelope;
    received.push({
      messageId,
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      mail: parseMail({ subject, text }),
    });
    return verdict;
  };
  const breakConnections = (): void => {
    for (const connection of server.connections as Set<{ readonly _socket: Socket }>)
      connection._socket.destroy();
  };
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, callback) {
      state.onRecipient();
      callback();
    },
    onData(stream, session, callback) {
      void take(stream, session).then(async (verdict) => {
        await state.beforeAnswer();
        if (verdict === 'take') callback();
        else if (verdict === 'lose') breakConnections();
        else callback(Object.assign(new Error('not now'), { responseCode: verdict }));
      });
    },
  });
  // A client that is killed breaks its connection.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return Object.assign(state, {
    port: (server.server.address() as AddressInfo).port,
    async close() {
      const closed = once(server.server, 'close');
      server.close();
      await closed;
    },
  });
}
