/** A shape of a source, as named in the twelfth field of an object line. */
export interface SpatialModel {
  readonly name: string;
  /** How many parameters it takes; several where releases differ. */
  readonly counts: readonly number[];
  /** The parameters in words, with units, for hovers. */
  readonly parameters: string;
  /** Not known to phoSim 3. */
  readonly later?: boolean;
}

const SERSIC = 'three half-light radii (arcsec), three angles (deg), Sérsic index';
const KNOTS = 'as sersic, then knots and spiral arms';

const MODELS: readonly (readonly [
  names: string,
  counts: readonly number[],
  parameters: string,
  later?: true,
])[] = [
  ['point', [0], 'none'],
  ['gauss', [1], 'sigma (arcsec)'],
  ['movingpoint', [2], 'speed (arcsec/s), angle (deg)'],
  [
    'sersic2d sersic2D',
    [4],
    'semi-major and semi-minor half-light radius (arcsec), angle (deg), Sérsic index',
  ],
  ['sersic', [6, 7], SERSIC],
  ['sersicDisk sersicdisk sersicDisc sersicdisc', [7], SERSIC, true],
  ['sersicComplex sersiccomplex', [14, 15], KNOTS, true],
  ['sersicDiskComplex sersicdiskcomplex sersicDiscComplex sersicdisccomplex', [14, 15], KNOTS, true],
  ['pinhole', [4], 'four numbers'],
  ['sphere', [1], 'radius', true],
  ['disk', [1], 'radius', true],
  ['reflectedSphere reflectedsphere', [3], 'three numbers', true],
  ['movingsphere movingSphere', [3], 'three numbers', true],
  ['movingdisk movingDisk', [3], 'three numbers', true],
  ['movingreflectedsphere movingReflectedSphere', [5], 'five numbers', true],
  // Ten since the distortion has its own; the catalogs that come with phoSim still give eight.
  ['distortedSphere distortedsphere', [8, 10], 'eight or ten numbers', true],
];

/** A picture from the image folder: any model whose name holds `fit`. */
export const IMAGE_MODEL: SpatialModel = {
  name: 'image',
  counts: [2],
  parameters: 'pixel scale (arcsec), angle (deg)',
};

/** All models by each of their names, written exactly so. */
export const SPATIAL_MODELS: ReadonlyMap<string, SpatialModel> = new Map(
  MODELS.flatMap(([names, counts, parameters, later]) => {
    const all = names.split(' ');
    const model = { name: all[0] ?? '', counts, parameters, ...(later === true ? { later } : {}) };
    return all.map((name) => [name, model] as const);
  }),
);

/** Its name may be written in any case. */
const DISK = SPATIAL_MODELS.get('sersicDisk');

/** The model phoSim takes for the word; undefined where it silently takes a point for it. */
export function spatialModel(word: string): SpatialModel | undefined {
  const known = SPATIAL_MODELS.get(word) ?? (/^sersicdis[ck]$/iu.test(word) ? DISK : undefined);
  return known ?? (word.includes('fit') ? IMAGE_MODEL : undefined);
}

/** Words for dust that take two numbers, A_V and R_V; any other word means no dust. */
export const DUST_MODELS: ReadonlySet<string> = new Set(['ccm', 'CCM', 'calzetti', 'CALZETTI']);
