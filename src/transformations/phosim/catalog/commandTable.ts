/** How the value of a command is read. */
export type ValueKind = 'number' | 'integer' | 'digits' | 'date' | 'numbers' | 'path' | 'object' | 'ignored';

/** One word that may begin a line of an instance catalog: for checks, hovers and completion alike. */
export interface CatalogCommand {
  /** The modern name, `rightascension`. */
  readonly name: string;
  /** Other names phoSim knows it by, those of OpSim first. */
  readonly aliases: readonly string[];
  /** What it means, one sentence without a full stop. */
  readonly meaning: string;
  /** Empty where it has none. */
  readonly unit: string;
  readonly kind: ValueKind;
  /** Smallest and largest value, both allowed; outside is an error `<rangeCode>`. */
  readonly range?: readonly [number, number];
  readonly rangeCode?: string;
  /** What phoSim 3.4 takes when the catalog does not say. */
  readonly default?: string;
  /** May stand on several lines. */
  readonly repeatable?: boolean;
  /** Known to later releases only (4 and on). */
  readonly later?: boolean;
}

type More = Omit<CatalogCommand, 'name' | 'aliases' | 'meaning' | 'unit' | 'kind'>;

function command(
  names: string,
  kind: ValueKind,
  unit: string,
  meaning: string,
  more: More = {},
): CatalogCommand {
  const [name = '', ...aliases] = names.split(' ');
  return { name, aliases, meaning, unit, kind, ...more };
}

const LATER = { later: true } as const;
const INFINITE = Number.POSITIVE_INFINITY;

/** Every command of an instance catalog (phoSim 3.3 to 6), in the order of a catalog's head. */
export const CATALOG_COMMANDS: readonly CatalogCommand[] = [
  command(
    'rightascension Unrefracted_RA_deg Unrefracted_RA',
    'number',
    'deg',
    'Right ascension of the pointing',
    {
      range: [-180, 360],
      rangeCode: 'ra-range',
      default: '0',
    },
  ),
  command('declination Unrefracted_Dec_deg Unrefracted_Dec', 'number', 'deg', 'Declination of the pointing', {
    range: [-90, 90],
    rangeCode: 'dec-range',
    default: '0',
  }),
  command('mjd Opsim_expmjd', 'number', 'd', 'Time of the exposure, as modified Julian date', {
    default: '49552.3',
  }),
  command('altitude Unrefracted_Altitude Opsim_altitude', 'number', 'deg', 'Altitude of the pointing', {
    range: [0, 90],
    rangeCode: 'altitude-range',
    default: '89',
  }),
  command('azimuth Unrefracted_Azimuth Opsim_azimuth', 'number', 'deg', 'Azimuth of the pointing', {
    default: '0',
  }),
  command('filter Opsim_filter', 'integer', '', 'Filter: 0 to 5 are u, g, r, i, z, y of LSST', {
    range: [0, 5],
    rangeCode: 'filter-range',
    default: '2',
  }),
  command('rotskypos Opsim_rotskypos camskyangle', 'number', 'deg', 'Angle of the sky in the camera', {
    default: '0',
  }),
  command('rottelpos Opsim_rottelpos camtelangle', 'number', 'deg', 'Angle of the camera on the telescope', {
    default: '0',
  }),
  command('dist2moon Opsim_dist2moon', 'number', 'deg', 'Distance of the pointing to the moon', {
    default: '180',
  }),
  command('moonalt Opsim_moonalt', 'number', 'deg', 'Altitude of the moon', { default: '-90' }),
  command('moonaz', 'number', 'deg', 'Azimuth of the moon', LATER),
  command('moondec Opsim_moondec', 'number', 'deg', 'Declination of the moon', { default: '-90' }),
  command('moonra Opsim_moonra', 'number', 'deg', 'Right ascension of the moon', { default: '180' }),
  command('moonphase Opsim_moonphase', 'number', '%', 'Phase of the moon: 0 new, 100 full', {
    range: [0, 100],
    rangeCode: 'moonphase-range',
    default: '10',
  }),
  command('sunalt Opsim_sunalt', 'number', 'deg', 'Altitude of the sun', { default: '-90' }),
  command('sunaz', 'number', 'deg', 'Azimuth of the sun', LATER),
  command('nsnap SIM_NSNAP numexp', 'integer', '', 'Exposures of the visit', {
    range: [1, INFINITE],
    rangeCode: 'nsnap-range',
    default: '2',
  }),
  command('vistime SIM_VISTIME obstime', 'number', 's', 'Exposure time of the visit', {
    range: [0, INFINITE],
    rangeCode: 'vistime-range',
    default: '33',
  }),
  command('obshistid Opsim_obshistid obsid', 'digits', '', 'Number of the visit; all files are named by it', {
    default: '9999',
  }),
  command('seed SIM_SEED', 'integer', '', 'Seed of the random numbers', { default: '1000' }),
  command(
    'seeing Opsim_rawseeing',
    'number',
    'arcsec',
    'Seeing at zenith and 500 nm; 0 or -1: drawn at random',
    {
      range: [-1, INFINITE],
      rangeCode: 'seeing-range',
      default: '0',
    },
  ),
  command('minsource SIM_MINSOURCE', 'integer', '', 'Sensors with fewer sources are left out, silently', {
    default: '1',
  }),
  command(
    'camconfig SIM_CAMCONFIG',
    'integer',
    '',
    'Sensors to make: 1 science + 2 wavefront + 4 guide; 0 all',
    {
      range: [0, 7],
      rangeCode: 'camconfig-range',
      default: '1',
    },
  ),
  command(
    'telconfig SIM_TELCONFIG',
    'integer',
    '',
    'State of the telescope: 0 on the sky, others for calibration',
    {
      default: '0',
    },
  ),
  command(
    'date Slalib_date',
    'date',
    '',
    'Date as year/month/day/fraction; the month chooses the atmosphere',
    {
      default: '1994/7/19/0.298822999997',
    },
  ),
  command('domeint SIM_DOMEINT', 'number', 'mag/arcsec²', 'Brightness of the dome light', { default: '18' }),
  command('domewav SIM_DOMEWAV', 'number', 'nm', 'Wavelength of the dome light; 0: its own spectrum', {
    default: '0',
  }),
  command('temperature SIM_TEMPERATURE', 'number', '°C', 'Temperature at the ground', { default: '20' }),
  command('tempvar SIM_TEMPVAR', 'number', '°C', 'Variation of the temperature', { default: '0' }),
  command('pressure SIM_PRESSURE', 'number', 'mmHg', 'Air pressure at the ground', { default: '520' }),
  command('pressvar SIM_PRESSVAR', 'number', 'mmHg', 'Variation of the air pressure', { default: '0' }),
  command('humidity SIM_HUMIDITY', 'number', '', 'Humidity at the ground', LATER),
  command('overdepbias SIM_OVERDEPBIAS', 'number', 'V', 'Over-depletion bias of the sensors', {
    default: '-45',
  }),
  command('ccdtemp SIM_CCDTEMP', 'number', 'K', 'Temperature of the sensors', { default: '173' }),
  command('altvar SIM_ALTVAR', 'number', 'deg', 'Variation of the altitude', { default: '0' }),
  command('control SIM_CONTROL', 'number', '', 'Whether the control system of the optics works', {
    default: '0',
  }),
  command('actuator SIM_ACTUATOR', 'numbers', '', 'Positions of the actuators of the optics'),
  command('move', 'numbers', '', 'Moves a degree of freedom of the optics: number and amount', {
    repeatable: true,
    later: true,
  }),
  command('focus', 'numbers', '', 'Defocus', LATER),
  command('airglow', 'number', 'mag/arcsec²', 'Airglow; -1: drawn at random', LATER),
  command('clouds', 'number', '', 'Clouds; -1: drawn at random', LATER),
  command('cloudcover', 'number', '', 'Part of the sky under clouds; -1: drawn at random', LATER),
  command('clouddepth', 'number', 'mag', 'Depth of the clouds; -1: drawn at random', LATER),
  command('driftx', 'number', '', 'Drift of the telescope along x', LATER),
  command('drifty', 'number', '', 'Drift of the telescope along y', LATER),
  command('rotationtracking', 'number', '', 'Whether the camera turns with the sky', LATER),
  command('nframes SIM_NFRAMES', 'integer', '', 'Frames of a read sequence', LATER),
  command('nskip SIM_NSKIP', 'integer', '', 'Frames left out in a read sequence', LATER),
  command(
    'stars',
    'numbers',
    '',
    'Stars to draw: brightest and faintest magnitude, diameter of the field',
    LATER,
  ),
  command('stargrid', 'numbers', '', 'A grid of stars to make', LATER),
  command(
    'galaxies',
    'numbers',
    '',
    'Galaxies to draw: brightest and faintest magnitude, diameter of the field',
    LATER,
  ),
  command('opd', 'numbers', '', 'Optical path difference to compute: number, RA, Dec, wavelength in nm', {
    repeatable: true,
    later: true,
  }),
  command('isdithered isDithered', 'ignored', '', 'A remark of the scheduler; phoSim does not read it'),
  command('ditherra ditherRaOffset', 'ignored', '', 'A remark of the scheduler; phoSim does not read it'),
  command('ditherdec ditherDecOffset', 'ignored', '', 'A remark of the scheduler; phoSim does not read it'),
  command('includeobj', 'path', '', 'A file of object lines, beside the catalog; .gz is unpacked', {
    repeatable: true,
  }),
  command('object', 'object', '', 'A source: id, position, magnitude, spectrum, lensing, shape, dust', {
    repeatable: true,
  }),
];

const byName = new Map(
  CATALOG_COMMANDS.flatMap((entry) => [entry.name, ...entry.aliases].map((name) => [name, entry] as const)),
);

/** The command of that name, modern or old, upper and lower case as written. */
export function catalogCommand(name: string): CatalogCommand | undefined {
  return byName.get(name);
}

/** All names, modern and old, for completion and for guesses at what was meant. */
export const CATALOG_NAMES: readonly string[] = [...byName.keys()];

/** One field of an object line, after the word `object`. */
export interface ObjectField {
  readonly name: string;
  readonly meaning: string;
  readonly unit: string;
}

/** The fixed fields of an object line in their order; the model's own parameters and two dust models follow. */
export const OBJECT_FIELDS: readonly ObjectField[] = [
  { name: 'ID', meaning: 'Number of the source; any word in later releases', unit: '' },
  { name: 'RA', meaning: 'Right ascension', unit: 'deg' },
  { name: 'DEC', meaning: 'Declination', unit: 'deg' },
  { name: 'MAG_NORM', meaning: 'AB magnitude at 500 nm', unit: 'mag' },
  { name: 'SED_PATH', meaning: 'Spectrum, below the SED folder', unit: '' },
  { name: 'Z', meaning: 'Redshift', unit: '' },
  { name: 'GAMMA1', meaning: 'Lensing shear, first component', unit: '' },
  { name: 'GAMMA2', meaning: 'Lensing shear, second component', unit: '' },
  { name: 'KAPPA', meaning: 'Lensing convergence', unit: '' },
  { name: 'DRA', meaning: 'Offset in right ascension', unit: 'deg' },
  { name: 'DDEC', meaning: 'Offset in declination', unit: 'deg' },
  { name: 'MODEL', meaning: 'Shape of the source; its parameters and two dust models follow', unit: '' },
];
