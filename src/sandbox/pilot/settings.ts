/**
 * What a pilot is told: one JSON line on its stdin. Times are in seconds unless the name says otherwise.
 * Only `dataFolder` is required; everything else has the sandbox's default.
 */
export interface PilotSettings {
  /** The sandbox's data folder: `sandbox.json`, work and storage folders are found below it. */
  readonly dataFolder: string;
  /** Jobs that run at a time. */
  readonly slots: number;
  readonly heartbeatSeconds: number;
  /** Between TERM and KILL. */
  readonly graceSeconds: number;
  /** Pause between two requests for jobs while there are none, ms. */
  readonly idlePollMs: number;
  /** Without a word from the server for this long, running payloads are ended. */
  readonly giveUpSeconds: number;
  /** Free disk needed to start a job, and while it runs, MB. */
  readonly freeDiskStartMB: number;
  readonly freeDiskRunMB: number;
  /** Largest payload.stdout, bytes. */
  readonly maxStdoutBytes: number;
  /** Goes into pilotID and `PILOT_VERSION`. */
  readonly version: string;
  /**
   * True when the process that started the pilot holds its stdin open as a lifeline: when it closes, the pilot leaves
   * at once, its payloads run on, and the next pilot takes them over.
   */
  readonly supervised: boolean;
}

const DEFAULTS: Omit<PilotSettings, 'dataFolder'> = {
  slots: 2,
  heartbeatSeconds: 2,
  graceSeconds: 10,
  idlePollMs: 500,
  giveUpSeconds: 10_800,
  freeDiskStartMB: 2048,
  freeDiskRunMB: 1024,
  maxStdoutBytes: 2 * 1024 ** 3,
  version: 'unknown',
  supervised: false,
};

/** Reads settings; throws an Error that names the first thing wrong. */
export function parsePilotSettings(line: string): PilotSettings {
  const given: unknown = JSON.parse(line);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Error('pilot settings are not an object');
  }
  const { dataFolder, ...rest } = given as Readonly<Record<string, unknown>>;
  if (typeof dataFolder !== 'string' || dataFolder === '') throw new Error('dataFolder is missing');
  const settings: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(rest)) {
    checkSetting(name, value);
    settings[name] = value;
  }
  return { ...DEFAULTS, ...settings, dataFolder };
}

function checkSetting(name: string, value: unknown): void {
  const standard = (DEFAULTS as Readonly<Record<string, unknown>>)[name];
  if (standard === undefined) throw new Error(`unknown pilot setting: ${name}`);
  if (typeof value !== typeof standard) throw new Error(`${name} is not a ${typeof standard}`);
  if (typeof value === 'number' && !(value >= 0 && Number.isFinite(value))) {
    throw new Error(`${name} is not a number from 0: ${value}`);
  }
  if (name === 'slots' && !(Number.isInteger(value) && Number(value) >= 1)) {
    throw new Error('slots is not a whole number from 1');
  }
}
