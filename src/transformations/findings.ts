import type { DiagnosticCounts, FileDiagnostic, Severity } from './diagnostics.ts';

/** Where something was found. */
export interface Place {
  /** Number of the file: 0 the one that is checked, then its includes. */
  readonly file: number;
  readonly line: number;
  readonly column?: number;
  readonly endColumn?: number;
}

/** What was found, as far as it is listed. */
export interface ListedFindings {
  readonly diagnostics: readonly FileDiagnostic[];
  /** Findings that are counted but not listed. */
  readonly unlisted: number;
  /** Of all findings. */
  readonly counts: DiagnosticCounts;
}

export const NO_FINDINGS: ListedFindings = {
  diagnostics: [],
  unlisted: 0,
  counts: { error: 0, warning: 0, information: 0 },
};

/** Most diagnostics that are listed; the others are counted. */
export const MOST_LISTED = 200;

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'information'];

interface Kept {
  readonly place: Place;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly order: number;
}

/**
 * Gathers diagnostics in bounded memory. Where there are more than can be listed, errors are listed before warnings, so
 * that nothing grave is hidden by a flood of the harmless.
 */
export class Findings {
  readonly #kept: Record<Severity, Kept[]> = { error: [], warning: [], information: [] };
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0, information: 0 };
  readonly #byCode = new Map<string, number>();

  /** `message` is only made when the finding is listed. */
  add(place: Place, severity: Severity, code: string, message: () => string): void {
    this.#counts[severity] += 1;
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + 1);
    const kept = this.#kept[severity];
    if (kept.length >= MOST_LISTED) return;
    const order = this.#counts.error + this.#counts.warning + this.#counts.information;
    kept.push({ place, severity, code, message: message(), order });
  }

  get counts(): DiagnosticCounts {
    return { ...this.#counts };
  }

  /** How often each code was found. */
  get byCode(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byCode);
  }

  /** Those to list, by file, line and column, with file names from `files` by number; and how many more there are. */
  list(files: readonly string[] = []): ListedFindings {
    const chosen = SEVERITIES.flatMap((severity) => this.#kept[severity]).slice(0, MOST_LISTED);
    chosen.sort(byPlace);
    const total = SEVERITIES.reduce((sum, severity) => sum + this.#counts[severity], 0);
    const diagnostics = chosen.map(({ place: { file, ...place }, severity, code, message }) => ({
      ...place,
      severity,
      code,
      message,
      ...(file === 0 ? {} : { file: files[file] ?? '' }),
    }));
    return { diagnostics, unlisted: total - chosen.length, counts: this.counts };
  }
}

function byPlace(a: Kept, b: Kept): number {
  return (
    a.place.file - b.place.file ||
    a.place.line - b.place.line ||
    (a.place.column ?? 0) - (b.place.column ?? 0) ||
    a.order - b.order
  );
}
