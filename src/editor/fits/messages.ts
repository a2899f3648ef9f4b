/** Everything that goes between the page of a FITS file and its host. Types only: the page may not import our code. */
import type { LimitName, Limits } from './reader/statistics.ts';
import type { Wcs } from './reader/wcsShape.ts';

export type { LimitName, Limits } from './reader/statistics.ts';
export type { SipTerm, Wcs } from './reader/wcsShape.ts';

/** One part of the file (an HDU), for the list of them. */
export interface PartTitle {
  /** `1 · SCI · image 4000 × 4072`. */
  readonly title: string;
}

export interface FileView {
  /** `lsst_e_….fits.gz · 12.3 MB`. */
  readonly title: string;
  readonly parts: readonly PartTitle[];
  /** The part to show first. */
  readonly first: number;
  /** What is wrong with the file, though it can be shown: a sentence; null where nothing is. */
  readonly problem: string | null;
}

export interface HeaderRow {
  readonly keyword: string;
  readonly value: string;
  readonly comment: string;
}

/** The size and meaning of an image; its pixels come as overview and tiles. */
export interface ImageView {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  /** `32-bit float`. */
  readonly pixels: string;
  readonly wcs: Wcs | null;
}

/** A plane of a part: what the page asks for, and what answers are about. */
export interface PlanePlace {
  readonly part: number;
  readonly plane: number;
}

/** A named number, worded. */
export interface Fact {
  readonly name: string;
  readonly text: string;
}

export interface OverviewView {
  /** Pixels of the image on a side of one of the overview. */
  readonly factor: number;
  readonly width: number;
  readonly height: number;
  readonly limits: Readonly<Record<LimitName, Limits>>;
  readonly statistics: readonly Fact[];
  /** False: only a part of the pixels was looked at so far, and a better one follows. */
  readonly exact: boolean;
}

/** From host to page. Answers carry the `id` of the question. Values are float32 in the byte order of the machine. */
export type HostMessage =
  | { readonly type: 'file'; readonly view: FileView }
  /** The file, or a part of it, cannot be shown. */
  | { readonly type: 'trouble'; readonly message: string; readonly advice: string }
  /** What is under way; `share` of it is done (0–1), null where that is not known. */
  | { readonly type: 'progress'; readonly text: string; readonly share: number | null }
  | {
      readonly type: 'part';
      readonly place: PlanePlace;
      readonly header: readonly HeaderRow[];
      /** Null where there is no image; `note` then says why. */
      readonly image: ImageView | null;
      readonly note: string;
    }
  | {
      readonly type: 'overview';
      readonly place: PlanePlace;
      readonly view: OverviewView;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: 'tile';
      readonly id: number;
      readonly width: number;
      readonly height: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'pixel'; readonly id: number; readonly text: string }
  | { readonly type: 'refused'; readonly id: number; readonly message: string };

/** From page to host; the host checks every byte of it (`pageMessage.ts`). */
export type PageMessage =
  | { readonly type: 'ready' }
  /** The file may have changed: it is read anew. */
  | { readonly type: 'reload' }
  | { readonly type: 'show'; readonly place: PlanePlace }
  | {
      readonly type: 'tile';
      readonly id: number;
      readonly place: PlanePlace;
      /** Pixels of the image on a side of one of the tile. */
      readonly level: number;
      readonly column: number;
      readonly row: number;
    }
  /** The value of one pixel, counted from 0. */
  | {
      readonly type: 'pixel';
      readonly id: number;
      readonly place: PlanePlace;
      readonly x: number;
      readonly y: number;
    }
  | { readonly type: 'copy'; readonly text: string };

/** How values become colours. */
export type Stretch = 'linear' | 'sqrt' | 'log' | 'asinh';
export type ColourMap = 'gray' | 'inverted' | 'viridis';

/** What the page keeps over hiding and reloading; everything else is the host's. */
export interface PageState {
  readonly place: PlanePlace;
  readonly stretch: Stretch;
  readonly limits: LimitName;
  readonly colours: ColourMap;
  /** The header is open beside the image. */
  readonly header: boolean;
  /** Words that select among the keywords. */
  readonly filter: string;
  /** Pixels of the screen for one of the image, and the pixel in the middle; null for what fits. */
  readonly look: { readonly scale: number; readonly x: number; readonly y: number } | null;
}
