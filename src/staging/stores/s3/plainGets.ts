import { systemCode } from '../../errors.ts';
import { PlainConnection } from './plainConnection.ts';
import type { PlainServer } from './plainConnection.ts';

export interface PlainReply {
  /** Undefined where what answered is no HTTP/1.1. */
  readonly status: number | undefined;
  /** Undefined where it is not 200 or 206, or of a kind that is for others. */
  readonly answer: PlainAnswer | undefined;
}

/** A yes with a body of a length that is known. */
export interface PlainAnswer {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of the body, bytes. */
  readonly length: number;
  /** A piece is valid until the next one is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** For whoever does not want the bytes. */
  discard(): void;
}

const noReply: PlainReply = { status: undefined, answer: undefined };

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * GET requests to one server over connections that are kept, for many small bodies and for long ones. It knows one kind of
 * answer: HTTP/1.1, a length, no encoding of the transfer. Redirects and errors are for others.
 */
export class PlainGets {
  readonly #server: PlainServer;
  readonly #all = new Set<PlainConnection>();
  #idle: PlainConnection[] = [];

  constructor(server: PlainServer) {
    this.#server = server;
  }

  /**
   * `headers` have to hold `host`. Rejects with errors of the system, with a TimeoutError, or with the reason of the
   * signal.
   */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<PlainReply> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const request = [`GET ${path} HTTP/1.1`, ...lines];
    if (!request.every((line) => /^[\x20-\x7e]*$/.test(line))) return noReply;
    for (;;) {
      const kept = this.#kept();
      const connection = kept ?? this.#connect();
      const stop = (): void => connection.end(abortReason(signal));
      signal?.addEventListener('abort', stop, { once: true });
      const stopListening = (): void => signal?.removeEventListener('abort', stop);
      const discard = (): void => {
        stopListening();
        this.#end(connection);
      };
      try {
        await connection.connected();
        connection.write(`${request.join('\r\n')}\r\n\r\n`);
        const head = parseHead((await connection.head()) ?? '');
        const length = bodyLength(head);
        if (head !== undefined && length !== undefined) {
          const bytes = this.#body(connection, head, length, stopListening);
          return { status: head.status, answer: { headers: head.headers, length, bytes, discard } };
        }
        discard();
        return { ...noReply, status: head?.status };
      } catch (error) {
        discard();
        signal?.throwIfAborted();
        // Servers close kept connections when they like.
        if (kept === undefined || systemCode(error) === undefined) throw error;
      }
    }
  }

  dispose(): void {
    for (const connection of this.#all) this.#end(connection);
    this.#idle = [];
  }

  async *#body(
    connection: PlainConnection,
    { headers }: Head,
    length: number,
    done: () => void,
  ): AsyncGenerator<Uint8Array> {
    let whole = false;
    try {
      yield* connection.body(length);
      whole = true;
    } finally {
      done();
      if (whole && connection.usable && !/\bclose\b/i.test(headers.get('connection') ?? '')) {
        connection.hold(false);
        this.#idle.push(connection);
      } else {
        this.#end(connection);
      }
    }
  }

  #connect(): PlainConnection {
    const connection = new PlainConnection(this.#server);
    this.#all.add(connection);
    return connection;
  }

  #kept(): PlainConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.usable) {
        connection.hold(true);
        return connection;
      }
      this.#end(connection);
    }
  }

  #end(connection: PlainConnection): void {
    connection.end(new Error('the connection is not needed any more'));
    this.#all.delete(connection);
  }
}

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}

function parseHead(text: string): Head | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const [, status] = /^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/.exec(first) ?? [];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}

function bodyLength(head: Head | undefined): number | undefined {
  if (head === undefined || (head.status !== 200 && head.status !== 206)) return undefined;
  if (head.headers.has('transfer-encoding')) return undefined;
  const text = head.headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
