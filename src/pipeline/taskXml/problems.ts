import type { Diagnostic, Severity } from '../../transformations/index.ts';
import type { TextPlace } from './xmlTree.ts';

/** Gathers what is wrong with a task file. */
export class Problems {
  readonly #found: Diagnostic[] = [];

  get found(): readonly Diagnostic[] {
    return this.#found.toSorted((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0));
  }

  error(place: TextPlace, code: string, message: string): void {
    this.#add('error', place, code, message);
  }

  warning(place: TextPlace, code: string, message: string): void {
    this.#add('warning', place, code, message);
  }

  information(place: TextPlace, code: string, message: string): void {
    this.#add('information', place, code, message);
  }

  #add(severity: Severity, { line, column, endColumn }: TextPlace, code: string, message: string): void {
    this.#found.push({ line, column, endColumn, severity, code, message });
  }
}
