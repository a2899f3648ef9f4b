import { CATALOG_COMMANDS } from './commandTable.ts';

/**
 * Words that phoSim's reader looks for anywhere in each line of a catalog, first come first served: a comment or the path
 * of a spectrum that holds one sets that value. In the reader's order, with both generations of names.
 */
const HEADER_WORDS: readonly string[] = [
  ...[
    'obshistid',
    'obsid',
    'moonra',
    'moondec',
    'sunalt',
    'sunaz',
    'moonalt',
    'moonaz',
    'dist2moon',
    'moonphase',
  ],
  ...[
    'mjd',
    'seeing',
    'airglow',
    'cloudcover',
    'clouddepth',
    'rottelpos',
    'camtelangle',
    'Azimuth',
    'azimuth',
  ],
  ...[
    'Altitude',
    'altitude',
    'rotskypos',
    'camskyangle',
    'Unrefracted_RA',
    'rightascension',
    'Unrefracted_Dec',
  ],
  ...[
    'declination',
    'driftx',
    'drifty',
    'rotationtracking',
    'SEED',
    'seed',
    'date',
    'filter',
    'VISTIME',
    'vistime',
  ],
  ...[
    'obstime',
    'NSNAP',
    'nsnap',
    'numexp',
    'NFRAMES',
    'nframes',
    'NSKIP',
    'nskip',
    'MINSOURCE',
    'minsource',
  ],
  ...['CAMCONFIG', 'camconfig', 'DOMEINT', 'domeint', 'DOMEWAV', 'domewav', 'TELCONFIG', 'telconfig'],
  ...[
    'TEMPERATURE',
    'temperature',
    'HUMIDITY',
    'humidity',
    'TEMPVAR',
    'tempvar',
    'PRESSURE',
    'pressure',
    'PRESSVAR',
  ],
  ...[
    'pressvar',
    'OVERDEPBIAS',
    'overdepbias',
    'CCDTEMP',
    'ccdtemp',
    'ALTVAR',
    'altvar',
    'CONTROL',
    'control',
  ],
  ...['ACTUATOR', 'actuator', 'move', 'focus', 'stargrid', 'stars', 'galaxies', 'includeobj'],
];

/** Words that releases before 4 do not look for; DC2 has names with some of them, `bright_stars_230.txt`. */
const LATER: ReadonlySet<string> = new Set(
  CATALOG_COMMANDS.flatMap(({ name, later }) => (later === true ? [name] : [])),
);

/** The words that every release looks for. */
export const FIRST_HEADER_WORDS: readonly string[] = HEADER_WORDS.filter((word) => !LATER.has(word));

const anyWord = new RegExp(HEADER_WORDS.join('|'), 'u');

/** A header word in a text, and where it stands (from 0). */
export interface FoundWord {
  readonly word: string;
  readonly at: number;
}

/** The word in the text that phoSim's reader meets first. */
export function findHeaderWord(text: string, words = HEADER_WORDS): FoundWord | undefined {
  if (!anyWord.test(text)) return undefined;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at >= 0) return { word, at };
  }
  return undefined;
}
