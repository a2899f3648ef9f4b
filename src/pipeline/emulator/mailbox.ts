import type { AddressInfo } from 'node:net';
import { MailError } from '../mail/keyLines.ts';
import { parseMail } from '../mail/pipelineMail.ts';
import type { PipelineMail } from '../mail/pipelineMail.ts';

export interface Mailbox {
  readonly port: number;
  close(): Promise<void>;
}

export interface MailboxOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** A mail is taken when this has resolved; where it throws MailError it is refused for good, else the sender may come again. */
  readonly onMail: (mail: PipelineMail) => Promise<void>;
  /** Mails that were refused, with the reason. */
  readonly onRefused: (why: string) => void;
}

const MOST_BYTES = 2 * 1024 * 1024;
const MOST_CLIENTS = 100;

/** Takes the pipeline's mails, from this machine only. */
export async function openMailbox({ port, onMail, onRefused }: MailboxOptions): Promise<Mailbox> {
  const [{ SMTPServer }, { simpleParser }] = await Promise.all([import('smtp-server'), import('mailparser')]);
  const server = new SMTPServer({
    name: 'localhost',
    banner: 'desc-panda pipeline emulator',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: MOST_BYTES,
    maxClients: MOST_CLIENTS,
    socketTimeout: 60_000,
    closeTimeout: 1000,
    onData(stream, _session, answer) {
      const taken = simpleParser(stream, {
        skipHtmlToText: true,
        skipTextToHtml: true,
        skipImageLinks: true,
      }).then(async ({ subject = '', text = '' }) => {
        if (stream.sizeExceeded) throw new MailError(`it has more than ${MOST_BYTES} bytes`);
        await onMail(parseMail({ subject, text }));
      });
      taken.then(
        () => answer(),
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          onRefused(why);
          answer(Object.assign(new Error(why), { responseCode: error instanceof MailError ? 554 : 451 }));
        },
      );
    },
  });
  // A peer that breaks off costs its own connection only.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
