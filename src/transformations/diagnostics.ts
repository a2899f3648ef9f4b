/** How bad it is: an error breaks the run, a warning makes it do something else than meant. */
export type Severity = 'error' | 'warning' | 'information';

/** Something to know about a place in a file. */
export interface Diagnostic {
  /** From 1. */
  readonly line: number;
  /** First character meant, from 1, counted in UTF-16 units; without it the whole line is meant. */
  readonly column?: number;
  /** The character behind the last one meant, from 1. */
  readonly endColumn?: number;
  readonly severity: Severity;
  /** Short and stable, `filter-range`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

/** A diagnostic in the file that was checked or in one that it includes. */
export interface FileDiagnostic extends Diagnostic {
  /** Absolute path of the included file the place is in; absent for the file itself. */
  readonly file?: string;
}

export type DiagnosticCounts = Readonly<Record<Severity, number>>;
