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
const OPENING_BRACKET = 0x5b;

/**
 * Reads a capture: a JSON array of `{direction, hex}`, or the bytes of one direction as they were sent, which its beginning
 * tells. Throws a CaptureError.
 */
export function readCapture(bytes: Buffer): readonly Turn[] {
  const first = bytes.find((byte) => byte > 0x20);
  if (bytes.length === 0 || first === undefined) throw new CaptureError('it is empty');
  // No direction of a connection begins with a bracket.
  if (first === OPENING_BRACKET) return readJson(bytes.toString('utf8'));
  const direction = directionOf(bytes);
  if (direction === undefined)
    throw new CaptureError('it begins neither as JSON nor as a connection of Java RMI');
  return [{ direction, bytes }];
}

/** Clients begin with JRMI, servers with what they answer to that. */
function directionOf(bytes: Buffer): Direction | undefined {
  if (bytes.subarray(0, 4).toString('latin1') === 'JRMI') return 'client->server';
  return [0x4e, 0x4f, 0x51].includes(bytes[0] ?? 0) ? 'server->client' : undefined;
}

function readJson(text: string): readonly Turn[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new CaptureError(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(parsed)) throw new CaptureError('it is no array of turns');
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
