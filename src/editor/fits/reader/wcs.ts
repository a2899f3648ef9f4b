import type { Header } from './header.ts';
import type { SipTerm, Wcs } from './wcsShape.ts';

const MOST_ORDER = 9;

/** The WCS of a header; null where there is none, or one that is not TAN. */
export function wcsOf(header: Header): Wcs | null {
  const types = [header.text('CTYPE1') ?? '', header.text('CTYPE2') ?? ''].map((type) => type.trim());
  const names = types.map((type) => type.slice(0, 4));
  const swapped = names[0] === 'DEC-' && names[1] === 'RA--';
  if (!swapped && !(names[0] === 'RA--' && names[1] === 'DEC-')) return null;
  if (!types.every((type) => /-TAN(-SIP)?$/.test(type))) return null;
  const pixel = pair(header, 'CRPIX');
  const sky = pair(header, 'CRVAL');
  const matrix = matrixOf(header);
  if (pixel === undefined || sky === undefined || matrix === undefined) return null;
  if (matrix[0] * matrix[3] === matrix[1] * matrix[2]) return null;
  const isSip = types.every((type) => type.endsWith('-SIP'));
  return {
    pixel,
    sky: swapped ? [sky[1], sky[0]] : sky,
    matrix,
    swapped,
    sip: isSip ? { x: sipTerms(header, 'A'), y: sipTerms(header, 'B') } : null,
    frame: (header.text('RADESYS') ?? '').trim(),
  };
}

function pair(header: Header, name: string): readonly [number, number] | undefined {
  const first = header.number(`${name}1`);
  const second = header.number(`${name}2`);
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** `CD` as it stands, else `PC` or the rotation of old, times `CDELT`. */
function matrixOf(header: Header): Wcs['matrix'] | undefined {
  const entries = (name: string, diagonal: number): Wcs['matrix'] => {
    const entry = (i: number, j: number): number =>
      header.number(`${name}${i}_${j}`) ?? (i === j ? diagonal : 0);
    return [entry(1, 1), entry(1, 2), entry(2, 1), entry(2, 2)];
  };
  if (['CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'].some((name) => header.number(name) !== undefined)) {
    return entries('CD', 0);
  }
  const step = pair(header, 'CDELT');
  if (step === undefined) return undefined;
  const angle = ((header.number('CROTA2') ?? 0) * Math.PI) / 180;
  const rotation: Wcs['matrix'] =
    angle === 0
      ? entries('PC', 1)
      : [
          Math.cos(angle),
          -Math.sin(angle) * (step[1] / step[0]),
          Math.sin(angle) * (step[0] / step[1]),
          Math.cos(angle),
        ];
  return [rotation[0] * step[0], rotation[1] * step[0], rotation[2] * step[1], rotation[3] * step[1]];
}

function sipTerms(header: Header, name: 'A' | 'B'): readonly SipTerm[] {
  const order = header.number(`${name}_ORDER`) ?? 0;
  const terms: SipTerm[] = [];
  for (let p = 0; p <= Math.min(order, MOST_ORDER); p += 1) {
    for (let q = 0; p + q <= Math.min(order, MOST_ORDER); q += 1) {
      const factor = header.number(`${name}_${p}_${q}`) ?? 0;
      if (factor !== 0) terms.push([p, q, factor]);
    }
  }
  return terms;
}
