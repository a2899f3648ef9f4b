import { connect as connectPlainly, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** Where to connect, and for how long (ms) to wait: for the connection, and for the next byte. */
export interface PlainServer {
  readonly url: URL;
  /** With the authorities whose certificates are accepted, one for all connections; the system's own unless given. */
  readonly secureContext?: SecureContext | undefined;
  readonly connectMs: number;
  readonly idleMs: number;
}

/** Bytes of a buffer, and of one for long bodies. */
const SMALL = 64 * 1024;
const LARGE = 1024 * 1024;
/** Whole buffers that wait to be taken before reading stops. */
const MOST_FULL = 2;
/** Bytes looked through at once for the end of a head, and all that one may have. */
const HEAD = 4096;
const LONGEST_HEAD = 65_536;

/**
 * A connection whose bytes are read into large buffers that are used again. Node's own client of HTTP copies the body in
 * pieces of 64 kB, which takes six times the processor time.
 */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #idleMs: number;
  /** Bytes are read into it, behind `#to` that are there. */
  #buffer = Buffer.allocUnsafeSlow(SMALL);
  #to = 0;
  /** Came before it and are not taken. */
  readonly #full: Buffer<ArrayBuffer>[] = [];
  /** Taken, of the first of these. */
  #from = 0;
  #size = SMALL;
  readonly #free: Buffer<ArrayBuffer>[] = [];
  #lent: Buffer<ArrayBuffer> | undefined;
  #connected = false;
  #trouble: Error | undefined;
  #wake: (() => void) | undefined;

  constructor({ url, secureContext, connectMs, idleMs }: PlainServer) {
    this.#idleMs = idleMs;
    const onread = {
      buffer: () => this.#room(),
      callback: (bytes: number) => this.#arrived(bytes),
    };
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const where = { host, port: Number(url.port || (secure ? 443 : 80)), onread };
    const context = secureContext === undefined ? {} : { secureContext };
    const name = isIP(host) === 0 ? { servername: host } : {};
    this.#socket = secure ? connectSecurely({ ...where, ...context, ...name }) : connectPlainly(where);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(connectMs);
    this.#socket.once(secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
      this.#awake();
    });
    this.#socket.on('timeout', () => {
      // Nobody waits for a byte while the last ones are being written.
      if (this.#wake !== undefined) this.end(timedOut());
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(brokenOff()));
  }

  /** False when no other request can be sent. */
  get usable(): boolean {
    return this.#trouble === undefined && this.#unread().length === 0;
  }

  /** Whether it keeps the program running. */
  hold(held: boolean): void {
    if (held) this.#socket.ref();
    else this.#socket.unref();
  }

  async connected(): Promise<void> {
    while (!this.#connected) await this.#change();
  }

  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** What comes before the next empty line; undefined where it is too long. */
  async head(): Promise<string | undefined> {
    for (let text = ''; text.length < LONGEST_HEAD;) {
      const bytes = this.#unread();
      const before = text.length;
      text += bytes.toString('latin1', 0, HEAD);
      const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
      this.#skip((end < 0 ? text.length : end + 4) - before);
      if (end >= 0) return text.slice(0, end);
      if (this.#unread().length === 0) await this.#change();
    }
    return undefined;
  }

  /** The next `length` bytes, many at a time. A piece is valid until the next one is asked for. */
  async *body(length: number): AsyncGenerator<Uint8Array> {
    this.#size = length > SMALL ? LARGE : SMALL;
    for (let left = length; left > 0;) {
      while (this.#full.length === 0 && this.#unread().length < left) await this.#change();
      const piece = this.#unread().subarray(0, left);
      left -= piece.length;
      this.#lent = this.#skip(piece.length);
      yield piece;
      this.#recycle();
    }
  }

  /** Whoever waits for bytes is told why none will come. */
  end(reason: Error): void {
    this.#fail(reason);
    this.#socket.destroy();
  }

  #unread(): Buffer {
    return this.#full[0]?.subarray(this.#from) ?? this.#buffer.subarray(this.#from, this.#to);
  }

  /** Takes bytes; returns a buffer of which nothing is left to take. */
  #skip(count: number): Buffer<ArrayBuffer> | undefined {
    this.#from += count;
    if (this.#from < (this.#full[0]?.length ?? Number.POSITIVE_INFINITY)) return undefined;
    this.#from = 0;
    this.#socket.resume();
    return this.#full.shift();
  }

  #recycle(): void {
    if (this.#lent?.length === this.#size) this.#free.push(this.#lent);
    this.#lent = undefined;
  }

  /** Where the next bytes go. */
  #room(): Uint8Array {
    return this.#buffer.subarray(this.#to);
  }

  /** False stops the reading until whole buffers are taken; a secure connection may still bring what it has. */
  #arrived(bytes: number): boolean {
    this.#to += bytes;
    if (this.#to === this.#buffer.length) {
      this.#full.push(this.#buffer);
      this.#buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
      this.#to = 0;
    }
    this.#awake();
    return this.#full.length < MOST_FULL;
  }

  async #change(): Promise<void> {
    if (this.#trouble !== undefined) throw this.#trouble;
    if (this.#connected) this.#socket.setTimeout(this.#idleMs);
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #awake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #fail(reason: Error): void {
    this.#trouble ??= reason;
    this.#awake();
  }
}

function timedOut(): Error {
  return Object.assign(new Error('nothing came in time'), { name: 'TimeoutError' });
}

function brokenOff(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}
