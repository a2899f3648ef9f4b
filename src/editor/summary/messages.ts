/** What the host and the page of a catalog's summary say to each other. */

/** A line of facts: `Exposure`, `2 × 15 s`. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Where the value comes from, when not from the catalog. */
  readonly note?: string;
}

export interface ModelCount {
  readonly name: string;
  readonly count: number;
  /** Shown beside the bar: `1,204 · 12 %`. */
  readonly text: string;
}

/** Sources by magnitude: `counts[i]` from `from + i × step`. */
export interface Histogram {
  readonly from: number;
  readonly step: number;
  readonly counts: readonly number[];
  readonly range: string;
}

/** Sources on the sky: rows from the south, RA growing along a row; empty rows and columns around them are cut. */
export interface SkyGrid {
  readonly columns: number;
  readonly rows: number;
  readonly counts: readonly number[];
  /** Width over height as seen on the sky. */
  readonly aspect: number;
  readonly ra: readonly [string, string];
  readonly dec: readonly [string, string];
}

/** A sensor on the map of the focal plane, which is 15 sensors wide and high; from the upper left. */
export interface SensorView {
  /** `R22_S11`. */
  readonly id: string;
  /** `R22`. */
  readonly raft: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Not one of the corners, which hold the wavefront and guide sensors. */
  readonly science: boolean;
}

export interface IncludeView {
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly found: boolean;
  readonly size: string;
  readonly objects: string;
  readonly trouble: string;
}

export interface SummaryView {
  /** Absolute path of the catalog. */
  readonly path: string;
  readonly name: string;
  /** Number of the visit. */
  readonly visit: string;
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly objects: string;
  readonly models: readonly ModelCount[];
  readonly magnitudes: Histogram | null;
  readonly sky: SkyGrid | null;
  readonly spectra: string;
  readonly sensors: readonly SensorView[];
  readonly includes: readonly IncludeView[];
  readonly counts: { readonly error: number; readonly warning: number; readonly information: number };
}

export type HostMessage =
  | { readonly type: 'summary'; readonly view: SummaryView }
  | { readonly type: 'trouble'; readonly message: string; readonly waiting: boolean };

export type PageMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'submit'; readonly sensors: readonly string[] }
  | { readonly type: 'openFile'; readonly file: string }
  | { readonly type: 'showProblems' };

/** What the page keeps while it is hidden or the window reloads. */
export interface PageState {
  readonly path: string;
  readonly sensors: readonly string[];
}
