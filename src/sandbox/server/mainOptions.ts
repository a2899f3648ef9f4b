import type { SandboxOptions, SandboxSignIn } from '../api.ts';
import { SandboxError } from '../controlError.ts';
import { parseObject } from '../json.ts';

/** What the sandbox process is told, as one JSON line on its stdin. */
export interface MainOptions extends SandboxOptions {
  /** The pilot's program; undefined for the one beside this one, null for a server without a pilot. */
  readonly pilotEntry: string | null | undefined;
  /** Payload scripts to serve at `/trf/<name>`. */
  readonly payloadFolder: string | undefined;
  /** Of this program; goes into `pilotID`. */
  readonly version: string | undefined;
}

/** Reads options; throws a `SandboxError` that names the first thing wrong. */
export function parseMainOptions(line: string): MainOptions {
  const given = parseObject(line);
  if (given === undefined) throw wrong('they are not a JSON object');
  const { dataFolder, pilotEntry, payloadFolder, version } = given;
  if (typeof dataFolder !== 'string' || !dataFolder.startsWith('/')) {
    throw wrong('dataFolder is not an absolute path');
  }
  if (pilotEntry !== undefined && pilotEntry !== null && typeof pilotEntry !== 'string') {
    throw wrong('pilotEntry is not a path');
  }
  if (payloadFolder !== undefined && typeof payloadFolder !== 'string') {
    throw wrong('payloadFolder is not a path');
  }
  if (version !== undefined && typeof version !== 'string') throw wrong('version is not a text');
  return {
    dataFolder,
    pilotEntry,
    payloadFolder,
    version,
    port: wholeNumber(given, 'port', [0, 65_535], 0),
    slots: wholeNumber(given, 'slots', [1, 1024], 2),
    heartbeatSeconds: wholeNumber(given, 'heartbeatSeconds', [1, 86_400], 2),
    signIn: readSignIn(given.signIn),
  };
}

function readSignIn(given: unknown): SandboxSignIn | undefined {
  if (given === undefined) return undefined;
  const { issuer, clientId, vo } = typeof given === 'object' ? ({ ...given } as Record<string, unknown>) : {};
  if (typeof issuer !== 'string' || !/^https?:\/\//u.test(issuer) || !URL.canParse(issuer)) {
    throw wrong('the issuer is not an address like https://host');
  }
  if (typeof clientId !== 'string' || clientId === '') throw wrong('the client id is empty');
  if (typeof vo !== 'string' || !/^[\w-]+$/u.test(vo)) throw wrong('the VO is not one word');
  return { issuer, clientId, vo };
}

function wholeNumber(
  given: Readonly<Record<string, unknown>>,
  name: string,
  [from, to]: readonly [number, number],
  standard: number,
): number {
  const value = given[name] ?? standard;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
    throw wrong(`${name} is not a whole number from ${from} to ${to}`);
  }
  return value;
}

function wrong(what: string): SandboxError {
  return new SandboxError(`The sandbox’s options cannot be used: ${what}`, 'Correct the sandbox’s settings');
}
