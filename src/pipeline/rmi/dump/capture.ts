export type Direction = 'client->server' | 'server->client';

/** Consecutive bytes in one direction of a connection. */
export interface Turn {
  readonly direction: Direction;
  readonly bytes: Buffer;
}

/** A file holds no captured connection. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

const DIRECTIONS: readonly Direction[] = ['client->server', 'server->client'];

/**
 * Reads a capture: a JSON array of `{direction, hex}`, or the bytes of one direction as they were sent, which its beginning
 * tells. Throws a CaptureError.
 */
export function readCapture(bytes: Buffer): readonly Turn[] {
  const kind = captureKind(bytes);
  return kind === 'json' ? readJson(bytes.toString('utf8')) : [{ direction: kind, bytes }];
}

/** What a capture is, by its first bytes (64 KiB do): JSON, or the bytes of one direction. Throws a CaptureError. */
export function captureKind(bytes: Buffer): 'json' | Direction {
  const text = bytes.subarray(0, MOST_BEGINNING).toString('latin1');
  const first = text.replace(BYTE_ORDER_MARK, '').trimStart().charAt(0);
  if (first === '') throw new CaptureError('it is empty');
  // No direction of a connection begins with a bracket.
  if (first === '[') return 'json';
  if (first === '{') throw new CaptureError('it is no array of turns');
  const [, direction] = BEGINNINGS.find(([beginning]) => beginning.test(text)) ?? [];
  if (direction !== undefined) return direction;
  throw new CaptureError(
    PACKETS.test(text)
      ? 'it holds packets: save the connection of them alone, as "Follow TCP Stream" of Wireshark does in raw form'
      : 'it begins neither as JSON nor as a connection of Java RMI',
  );
}

const MOST_BEGINNING = 64 * 1024;
/** UTF-8's, byte by byte. */
const BYTE_ORDER_MARK = /^\xef\xbb\xbf/;
/** Files of tcpdump and Wireshark. */
const PACKETS = /^(?:\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d|\x0a\x0d\x0d\x0a)/;
/** Clients begin with JRMI, servers with what they answer to that; both with calls and answers where a capture began later. */
const BEGINNINGS: readonly (readonly [RegExp, Direction])[] = [
  [/^JRMI|^R*P\xac\xed\0\x05/, 'client->server'],
  [/^N\0|^O$|^S*Q\xac\xed\0\x05/, 'server->client'],
];

function readJson(whole: string): readonly Turn[] {
  const text = whole.replace(/^\ufeff/, '');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new CaptureError(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(parsed) || parsed.length === 0) throw new CaptureError('it is empty');
  return parsed.map((turn: unknown, index) => readTurn(turn, index + 1));
}

function readTurn(turn: unknown, number: number): Turn {
  if (typeof turn === 'object' && turn !== null && 'direction' in turn && 'hex' in turn) {
    const direction = DIRECTIONS.find((one) => one === turn.direction);
    const { hex } = turn;
    if (direction !== undefined && typeof hex === 'string' && /^(?:[0-9a-f]{2})*$/i.test(hex)) {
      return { direction, bytes: Buffer.from(hex, 'hex') };
    }
  }
  throw new CaptureError(`turn ${number} has no direction (${DIRECTIONS.join(' or ')}) or no bytes in hex`);
}
