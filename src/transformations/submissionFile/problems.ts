import type { Diagnostic } from '../diagnostics.ts';
import type { SubmissionFile } from './readSubmissionFile.ts';

const MOST = 50;

/** Gathers what is wrong with a submission, each thing once, at its place in the file. */
export class NotedProblems {
  readonly #locate: SubmissionFile['locate'];
  readonly #noted = new Map<string, Diagnostic>();

  constructor(locate: SubmissionFile['locate']) {
    this.#locate = locate;
  }

  get any(): boolean {
    return this.#noted.size > 0;
  }

  /** More would not be read by anybody. */
  get full(): boolean {
    return this.#noted.size >= MOST;
  }

  /** `where`: a place as `SubmissionFile.locate` knows them; the message may have its full stop or not. */
  note(where: string, message: string): void {
    if (this.full) return;
    const sentence = /[.!?]$/u.test(message) ? message : `${message}.`;
    const diagnostic = {
      ...this.#locate(PLACES.get(where) ?? where),
      severity: 'error',
      code: 'cannot-submit',
      message: sentence,
    } as const;
    this.#noted.set(`${diagnostic.line} ${sentence}`, diagnostic);
  }

  with(others: readonly Diagnostic[]): readonly Diagnostic[] {
    return [...others, ...this.#noted.values()].toSorted((one, other) => one.line - other.line);
  }
}

/** What transformations call otherwise than submission files do. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['resources.memoryMB', 'resources.memory'],
  ['resources.diskMB', 'resources.disk'],
  ['resources.walltimeSeconds', 'resources.walltime'],
]);
