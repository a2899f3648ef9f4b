/** One term of a SIP distortion: `factor` × u^p × v^q. */
export type SipTerm = readonly [p: number, q: number, factor: number];

/** How pixels lie on the sky: the gnomonic projection (TAN), degrees. */
export interface Wcs {
  /** The pixel, counted from 1, that lies at `sky`. */
  readonly pixel: readonly [x: number, y: number];
  readonly sky: readonly [ra: number, dec: number];
  /** Degrees along RA and Dec for a step in x and in y: [ra/x, ra/y, dec/x, dec/y]. */
  readonly matrix: readonly [number, number, number, number];
  /** True where Dec is the first axis. */
  readonly swapped: boolean;
  readonly sip: { readonly x: readonly SipTerm[]; readonly y: readonly SipTerm[] } | null;
  /** `ICRS`, `FK5`; empty where the header does not say. */
  readonly frame: string;
}
