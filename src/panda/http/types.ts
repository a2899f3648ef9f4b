/** One HTTP exchange, as the rest of the client sees it. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** A longer answer is cut off and reported, bytes. */
  readonly maxBytes: number;
  /**
   * Opens a connection for this request alone. A kept connection that the server is just closing would look like a lost
   * answer; calls that must not be repeated therefore never use one.
   */
  readonly freshConnection?: boolean;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Http {
  /** Resolves with whatever answer came, whole; rejects with `HttpFailure`, or with the signal's reason. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes kept-alive connections. */
  dispose(): void;
}

/** Why no whole answer came. */
export type HttpFailureReason =
  | 'refused'
  | 'unknownHost'
  | 'timeout'
  | 'broken'
  | 'certificate'
  | 'tooLarge'
  | 'proxy'
  | 'proxyAuthentication'
  | 'local';

/** A failed exchange. Deliberately carries nothing of the request: its headers hold the token. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly reason: HttpFailureReason;
  /** Node's or OpenSSL's code, `ECONNREFUSED`. */
  readonly code: string;
  /** False only when it is certain that no byte of the request reached the server. */
  readonly sent: boolean;

  constructor(reason: HttpFailureReason, code: string, sent: boolean) {
    super(`${reason} (${code})`);
    this.reason = reason;
    this.code = code;
    this.sent = sent;
  }
}
