import type { CatalogCommand } from './commandTable.ts';
import { CATALOG_COMMANDS } from './commandTable.ts';

/** One setting of the catalog's head, as it holds in the end. */
export interface Setting {
  readonly value: string;
  readonly line: number;
}

/** What the catalog says of the visit; a value that is missing or no number is the default of phoSim 3.4. */
export interface Visit {
  readonly obshistid: string;
  /** `u` to `y`, or as written where LSST has no such filter. */
  readonly filter: string;
  /** Degrees. */
  readonly ra: number;
  readonly dec: number;
  readonly altitude: number;
  readonly azimuth: number;
  readonly airmass: number | null;
  readonly rotskypos: number;
  readonly rottelpos: number;
  readonly mjd: number;
  /** The same as a date, `2022-08-06T06:50:48Z`; null where it is none. */
  readonly utc: string | null;
  /** Seconds of the whole visit, the time to read out between exposures with it; and the number of exposures. */
  readonly vistime: number;
  readonly nsnap: number;
  readonly seed: number;
  /** Arcseconds; 0 and -1: drawn at random. */
  readonly seeing: number;
  readonly minsource: number;
  readonly camconfig: number;
  readonly moon: {
    readonly ra: number;
    readonly dec: number;
    readonly altitude: number;
    readonly phase: number;
    readonly distance: number;
  };
  readonly sunAltitude: number;
  /** Commands that the catalog does not give, so that the default holds. */
  readonly defaulted: readonly string[];
}

const LETTERS = ['u', 'g', 'r', 'i', 'z', 'y'];
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/u;
const DAY_MS = 86_400_000;
/** 1970-01-01 as modified Julian date. */
const EPOCH_MJD = 40_587;

const DEFAULTS: ReadonlyMap<string, string> = new Map(
  CATALOG_COMMANDS.flatMap(({ name, default: value }: CatalogCommand) =>
    value === undefined ? [] : [[name, value] as const],
  ),
);

/** Puts together what the settings, by modern name, say of the visit. */
export function describeVisit(settings: ReadonlyMap<string, Setting>): Visit {
  const defaulted = [...DEFAULTS.keys()].filter((name) => !settings.has(name));
  const text = (name: string): string => settings.get(name)?.value ?? DEFAULTS.get(name) ?? '';
  const number = (name: string): number => {
    const given = DECIMAL.test(text(name)) ? Number(text(name)) : Number.NaN;
    return Number.isFinite(given) ? given : Number(DEFAULTS.get(name) ?? 0);
  };
  const altitude = number('altitude');
  const mjd = number('mjd');
  return {
    obshistid: text('obshistid'),
    filter: LETTERS[DECIMAL.test(text('filter')) ? Number(text('filter')) : -1] ?? text('filter'),
    ra: number('rightascension'),
    dec: number('declination'),
    altitude,
    azimuth: number('azimuth'),
    airmass: airmass(altitude),
    rotskypos: number('rotskypos'),
    rottelpos: number('rottelpos'),
    mjd,
    utc: utcOf(mjd),
    vistime: number('vistime'),
    nsnap: number('nsnap'),
    seed: number('seed'),
    seeing: number('seeing'),
    minsource: number('minsource'),
    camconfig: number('camconfig'),
    moon: {
      ra: number('moonra'),
      dec: number('moondec'),
      altitude: number('moonalt'),
      phase: number('moonphase'),
      distance: number('dist2moon'),
    },
    sunAltitude: number('sunalt'),
    defaulted,
  };
}

/** Of a plane atmosphere, which is good to a per cent above 15 degrees. */
function airmass(altitude: number): number | null {
  if (altitude <= 0 || altitude > 90) return null;
  return Math.round(1000 / Math.sin((altitude * Math.PI) / 180)) / 1000;
}

function utcOf(mjd: number): string | null {
  const date = new Date(Math.round((mjd - EPOCH_MJD) * DAY_MS));
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/\.\d+Z$/u, 'Z');
}
