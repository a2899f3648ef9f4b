import type { HeadCheck } from './headCheck.ts';
import type { Magnitudes } from './magnitudes.ts';
import type { ObjectCheck } from './objectCheck.ts';
import type { ReadTrouble } from '../../readBytes.ts';
import type { SkyMap } from './skyMap.ts';
import { describeVisit } from './visit.ts';
import type { Setting, Visit } from './visit.ts';

/** A file that the catalog includes. */
export interface IncludeSummary {
  /** As written in the catalog. */
  readonly path: string;
  /** Of the catalog. */
  readonly line: number;
  /** Absolute. */
  readonly file: string;
  readonly found: boolean;
  /** Bytes on disk; 0 when it is not there. */
  readonly size: number;
  /** Object lines in it; those up to the trouble where there is some. */
  readonly objects: number;
  readonly trouble?: ReadTrouble;
}

/** What a catalog holds. */
export interface CatalogSummary {
  readonly visit: Visit;
  /** The commands of the catalog by modern name, as they hold in the end. */
  readonly settings: Readonly<Record<string, Setting>>;
  readonly objects: {
    /** In the catalog itself. */
    readonly total: number;
    /** In the files it includes. */
    readonly included: number;
    /** Of all, under the words of the catalog. */
    readonly byModel: Readonly<Record<string, number>>;
    /** Brightest and faintest MAG_NORM of all; null without objects. */
    readonly magRange: readonly [number, number] | null;
    readonly magnitudes: Magnitudes['histogram'] | null;
    readonly distinctSeds: number;
    /** More spectra than are counted. */
    readonly moreSeds: boolean;
    /** Of those looked for, at most 200. */
    readonly missingSeds: readonly string[];
    readonly sky: SkyMap | null;
  };
  readonly includes: readonly IncludeSummary[];
  /** Of the catalog itself. */
  readonly lines: number;
}

export interface SummaryParts {
  readonly head: HeadCheck;
  readonly objects: ObjectCheck;
  readonly includes: readonly IncludeSummary[];
  readonly own: number;
  readonly lines: number;
  readonly missingSpectra: readonly string[];
}

export function describeCatalog(parts: SummaryParts): CatalogSummary {
  const { head, objects, includes, own, lines, missingSpectra } = parts;
  const magnitudes = objects.magnitudes.result();
  return {
    visit: describeVisit(head.settings),
    settings: Object.fromEntries(head.settings),
    objects: {
      total: own,
      included: includes.reduce((sum, include) => sum + include.objects, 0),
      byModel: objects.models.result(),
      magRange: magnitudes?.range ?? null,
      magnitudes: magnitudes?.histogram ?? null,
      distinctSeds: objects.spectra.size,
      moreSeds: objects.spectra.overflowed,
      missingSeds: missingSpectra,
      sky: objects.sky.result() ?? null,
    },
    includes,
    lines,
  };
}
