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
  const [{ SMTPServer }, { default: PostalMime }] = await Promise.all([
    import('smtp-server'),
    import('postal-mime'),
  ]);
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
      const taken = readBytes(stream).then(async (raw) => {
        if (stream.sizeExceeded) throw new MailError(`it has more than ${MOST_BYTES} bytes`);
        const { subject = '', text = '' } = await PostalMime.parse(raw);
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

/** To the end, so that the sender hears why it is refused; more than is taken is not kept. */
async function readBytes(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    size += piece.length;
    if (size <= MOST_BYTES) pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
