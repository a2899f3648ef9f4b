import type { Findings } from '../../findings.ts';
import type { SkyMapper } from './skyMap.ts';
import type { Setting } from './visit.ts';

/** Degrees from the pointing to the outermost corner of a sensor, and some more. */
const FIELD_RADIUS = 2.5;

/**
 * Tells when no sensor can get the sources that phoSim asks of one: it then makes no image, and ends well. Nothing is told
 * where the pointing is not given, or where phoSim takes sensors without sources.
 */
export function checkField(settings: ReadonlyMap<string, Setting>, sky: SkyMapper, findings: Findings): void {
  const number = (name: string): number => Number(settings.get(name)?.value ?? Number.NaN);
  const ra = number('rightascension');
  const dec = number('declination');
  const wanted = settings.has('minsource') ? number('minsource') : 1;
  if (sky.isEmpty || !Number.isFinite(ra) || !(Math.abs(dec) <= 90) || !(wanted >= 1)) return;
  const near = sky.atMostWithin(FIELD_RADIUS, ra, dec);
  if (near === 0) {
    const line = settings.get('rightascension')?.line ?? 1;
    findings.add({ file: 0, line }, 'warning', 'off-field', () => {
      return `All objects lie more than ${FIELD_RADIUS} degrees from the pointing: no sensor gets any, and phoSim makes no image and reports success.`;
    });
  } else if (near < wanted) {
    const line = settings.get('minsource')?.line ?? 1;
    findings.add({ file: 0, line }, 'warning', 'too-few-sources', () => {
      return `phoSim leaves out sensors with fewer than ${wanted} sources, and the field has ${near} at most: it makes no image and reports success.`;
    });
  }
}
