import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** Where mails go. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls`: encrypted where the server offers it, `required`: or not at all, `tls`: from the first byte. */
  readonly security: 'none' | 'starttls' | 'required' | 'tls';
  /** Undefined where the server asks for none. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

/** A message ready to be sent, and who gets it. */
export interface Message {
  readonly from: string;
  readonly to: string;
  /** RFC 5322, lines ended by CRLF. */
  readonly raw: string;
}

/** A mail that a server did not take, or may not have taken. */
export class SmtpError extends Error {
  override readonly name = 'SmtpError';
  /** The message was given, and no answer came: the server may have taken it. */
  readonly mayHaveSent: boolean;
  /** The server could not be reached, or did not answer: others will fare no better now. */
  readonly unreachable: boolean;

  constructor(message: string, facts: { readonly mayHaveSent: boolean; readonly unreachable: boolean }) {
    super(message);
    this.mayHaveSent = facts.mayHaveSent;
    this.unreachable = facts.unreachable;
  }
}

/** The two moments between which nobody but the server knows whether it has a message. */
export interface Delivery {
  /** Nothing of the message has left yet. Where this throws, nothing does. */
  readonly onLeaving: () => void;
  /** Its answer has just been read: it has the message. Must not throw. */
  readonly onTaken: () => void;
}

export interface Smtp {
  /** Resolves when the server has taken it. Rejects with SmtpError, or with what `onLeaving` threw. */
  send(message: Message, delivery: Delivery): Promise<void>;
}

/** Longest waits for a mail server, ms. */
export interface SmtpWaits {
  /** For a connection, and for the greeting then. */
  readonly greeting: number;
  /** For each answer. */
  readonly answer: number;
  /** For one mail from its connection to its end. */
  readonly mail: number;
}

const WAITS: SmtpWaits = { greeting: 15_000, answer: 60_000, mail: 120_000 };

export function createSmtp(settings: SmtpSettings, { greeting, answer, mail }: SmtpWaits = WAITS): Smtp {
  const waits = { connectionTimeout: greeting, greetingTimeout: greeting, socketTimeout: answer };
  return {
    async send(message, delivery) {
      const { default: Connection } = await import('nodemailer/lib/smtp-connection');
      const connection = new Connection({ ...optionsOf(settings), ...waits });
      const late = AbortSignal.timeout(mail);
      const session = new Session(connection, `${settings.host}:${settings.port}`, late);
      try {
        await session.begin(settings.login);
        await session.give(message, delivery);
        connection.quit();
      } finally {
        connection.close();
      }
    },
  };
}

function optionsOf({ host, port, security }: SmtpSettings): SMTPConnection.Options {
  return {
    host,
    port,
    secure: security === 'tls',
    ignoreTLS: security === 'none',
    requireTLS: security === 'required',
  };
}

type Done = (error?: Error | null) => void;

/** One connection for one message. */
class Session {
  readonly #connection: SMTPConnection;
  readonly #server: string;
  readonly #late: AbortSignal;
  #begun = false;
  /** The server has asked for the message. */
  #given = false;
  /** Why the message was kept back. */
  #unnoted: unknown;

  constructor(connection: SMTPConnection, server: string, late: AbortSignal) {
    this.#connection = connection;
    this.#server = server;
    this.#late = late;
  }

  async begin(login: SmtpSettings['login']): Promise<void> {
    const connection = this.#connection;
    await this.#step((done) => connection.connect(done));
    if (login !== undefined) {
      await this.#step((done) => connection.login({ user: login.user, pass: login.password }, done));
    }
    this.#begun = true;
  }

  give({ from, to, raw }: Message, { onLeaving, onTaken }: Delivery): Promise<void> {
    const leave = (): void => {
      try {
        onLeaving();
      } catch (error) {
        this.#unnoted = error;
        throw error;
      }
      this.#given = true;
    };
    // Read when the server has asked for it, and not before; what is thrown here leaves the message without its end.
    const pieces = (function* () {
      leave();
      yield Buffer.from(raw);
    })();
    return this.#step((done) =>
      this.#connection.send({ from, to: [to] }, Readable.from(pieces), (error) => {
        // At once: whatever came between this and its note would be time in which a kill leaves the mail in doubt.
        if (!(error instanceof Error)) onTaken();
        done(error);
      }),
    );
  }

  /** Connections tell of trouble by the callback, by an event, or only by their end. */
  async #step(work: (done: Done) => void): Promise<void> {
    const connection = this.#connection;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const fail = (error: unknown): void => reject(this.#errorOf(error));
    const ended = (): void => fail(new Error('it closed the connection'));
    const late = (): void => fail(new Error('it took too long'));
    this.#late.addEventListener('abort', late, { once: true });
    connection.once('error', fail);
    connection.once('end', ended);
    // A second error has nobody to hear it.
    connection.on('error', () => undefined);
    work((error) => (error instanceof Error ? fail(error) : resolve(undefined)));
    try {
      await promise;
    } finally {
      this.#late.removeEventListener('abort', late);
      connection.off('error', fail);
      connection.off('end', ended);
    }
  }

  #errorOf(error: unknown): unknown {
    if (this.#unnoted !== undefined) return this.#unnoted;
    const answer = refusalIn(error);
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return new SmtpError(`The mail server ${this.#server} did not take the mail: ${why}`, {
      mayHaveSent: this.#given && answer === undefined,
      unreachable: !this.#begun || answer === undefined || answer === CLOSING,
    });
  }
}

/** The reply of a server that takes no more of anybody. */
const CLOSING = 421;

/** The reply code of a server that said no. */
function refusalIn(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('responseCode' in error)) return undefined;
  const code = error.responseCode;
  return typeof code === 'number' && code >= 400 ? code : undefined;
}
