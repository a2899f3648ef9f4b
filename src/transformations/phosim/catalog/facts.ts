import type { Visit } from './visit.ts';

/** One thing to know about a visit, in words. */
export interface VisitFact {
  readonly label: string;
  readonly value: string;
  /** Where the value comes from, when the catalog does not say it. */
  readonly note?: string;
}

/** What people read in a catalog's head. */
export function describeFacts(visit: Visit): readonly VisitFact[] {
  const from = (...names: readonly string[]): Pick<VisitFact, 'note'> =>
    names.every((name) => visit.defaulted.includes(name)) ? { note: 'phoSim’s default' } : {};
  const degrees = (value: number): string => `${round(value, 4)}°`;
  return [
    { label: 'Visit', value: visit.obshistid, ...from('obshistid') },
    { label: 'Filter', value: visit.filter, ...from('filter') },
    {
      label: 'Pointing',
      value: `RA ${degrees(visit.ra)}, Dec ${degrees(visit.dec)}`,
      ...from('rightascension', 'declination'),
    },
    { label: 'Time', value: `${utcText(visit.utc)} (MJD ${visit.mjd})`, ...from('mjd') },
    { label: 'Exposure', value: exposureText(visit), ...from('vistime', 'nsnap') },
    { label: 'Altitude, azimuth', value: altitudeText(visit), ...from('altitude', 'azimuth') },
    {
      label: 'Rotation',
      value: `sky ${degrees(visit.rotskypos)}, telescope ${degrees(visit.rottelpos)}`,
      ...from('rotskypos', 'rottelpos'),
    },
    {
      label: 'Seeing',
      value: visit.seeing > 0 ? `${round(visit.seeing, 3)}″` : 'drawn at random',
      ...from('seeing'),
    },
    { label: 'Moon', value: moonText(visit), ...from('moonalt', 'moonphase', 'dist2moon') },
    { label: 'Seed', value: String(visit.seed), ...from('seed') },
  ];
}

function utcText(utc: string | null): string {
  return utc === null ? 'no date' : `${utc.replace('T', ' ').replace('Z', '')} UTC`;
}

function exposureText({ nsnap, vistime }: Visit): string {
  return nsnap === 1 ? `${round(vistime, 3)} s` : `${round(vistime, 3)} s in ${nsnap} exposures`;
}

function altitudeText({ altitude, azimuth, airmass }: Visit): string {
  const air = airmass === null ? '' : `, air mass ${round(airmass, 2)}`;
  return `${round(altitude, 2)}°, ${round(azimuth, 2)}°${air}`;
}

function moonText({ moon }: Visit): string {
  if (moon.altitude < 0) return `below the horizon, ${round(moon.phase, 1)} % lit`;
  return `${round(moon.altitude, 1)}° high, ${round(moon.phase, 1)} % lit, ${round(moon.distance, 1)}° away`;
}

function round(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
