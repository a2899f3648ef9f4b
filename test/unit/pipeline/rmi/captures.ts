import { readdirSync, readFileSync } from 'node:fs';

/** One message of a recorded connection, as index.json of the captures describes it. */
export interface RecordedMessage {
  readonly name: string;
  readonly direction: 'client->server' | 'server->client';
  readonly kind: string;
  readonly what: string | undefined;
  readonly bytes: Buffer;
}

/** Consecutive bytes in one direction. */
export interface RecordedTurn {
  readonly direction: 'client->server' | 'server->client';
  readonly bytes: Buffer;
}

interface Turn {
  readonly name: string;
  readonly direction: 'client->server' | 'server->client';
  readonly messages: readonly {
    readonly kind: string;
    readonly offset: number;
    readonly length: number;
    readonly what?: string;
  }[];
  readonly hex: string;
}

const folder = new URL('../../../fixtures/jobcontrol-captures/', import.meta.url);

/** The recorded connections between Java programs, by name. */
export const captureNames: readonly string[] = readdirSync(folder)
  .filter((file) => file !== 'index.json')
  .map((file) => file.replace(/\.json$/, ''))
  .sort();

export function capturePath(name: string): string {
  return new URL(`${name}.json`, folder).pathname;
}

function turnsOf(name: string): readonly Turn[] {
  return JSON.parse(readFileSync(capturePath(name), 'utf8')) as readonly Turn[];
}

export function recordedTurns(name: string): readonly RecordedTurn[] {
  return turnsOf(name).map(({ direction, hex }) => ({ direction, bytes: Buffer.from(hex, 'hex') }));
}

export function recordedMessages(name: string): readonly RecordedMessage[] {
  return turnsOf(name).flatMap((turn) =>
    turn.messages.map(({ kind, offset, length, what }) => ({
      name: turn.name,
      direction: turn.direction,
      kind,
      what,
      bytes: Buffer.from(turn.hex, 'hex').subarray(offset, offset + length),
    })),
  );
}

/** The calls or returns of a capture, without the byte that says which they are: object streams. */
export function recordedStreams(name: string): readonly Buffer[] {
  return recordedMessages(name)
    .filter(({ kind }) => kind === 'Call' || kind === 'ReturnData')
    .map(({ bytes }) => bytes.subarray(1));
}
