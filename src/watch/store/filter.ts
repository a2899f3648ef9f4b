import type { JobColumns } from './columns.ts';
import type { TextTable } from './text.ts';

/** The words of a filter, so that texts that ask for the same share one filter. */
export function filterWords(text: string): readonly string[] {
  return [...new Set(text.toLowerCase().split(/\s+/u))].filter((word) => word !== '').sort();
}

/** The words that some text of a table holds, asked once per text. */
class Known {
  readonly #table: TextTable;
  readonly #words: readonly string[];
  /** For each text and word: 0 not asked yet, 1 no, 2 yes. */
  #answers = new Uint8Array(64);

  constructor(table: TextTable, words: readonly string[]) {
    this.#table = table;
    this.#words = words;
  }

  has(text: number, word: number): boolean {
    const at = text * this.#words.length + word;
    if (at >= this.#answers.length) {
      const grown = new Uint8Array(at * 2);
      grown.set(this.#answers);
      this.#answers = grown;
    }
    const known = this.#answers[at] ?? 0;
    if (known !== 0) return known === 2;
    const found = (this.#table.at(text) ?? '').toLowerCase().includes(this.#words[word] ?? '');
    this.#answers[at] = found ? 2 : 1;
    return found;
  }
}

/** Says of rows whether all words occur in jobName (which holds the name), PandaID, site, state or error. */
export class Matcher {
  readonly #columns: JobColumns;
  readonly #words: readonly string[];
  readonly #digits: readonly boolean[];
  readonly #sites: Known;
  readonly #states: Known;
  readonly #errors: Known;

  constructor(columns: JobColumns, words: readonly string[]) {
    this.#columns = columns;
    this.#words = words;
    this.#digits = words.map((word) => /^\d+$/u.test(word));
    this.#sites = new Known(columns.sites, words);
    this.#states = new Known(columns.states, words);
    this.#errors = new Known(columns.errors, words);
  }

  matches(row: number): boolean {
    const columns = this.#columns;
    let jobName: string | undefined;
    for (const [at, word] of this.#words.entries()) {
      if (
        this.#sites.has(columns.site[row] ?? 0, at) ||
        this.#states.has(columns.state[row] ?? 0, at) ||
        this.#errors.has(columns.error[row] ?? 0, at) ||
        (this.#digits[at] === true && String(columns.id[row]).includes(word))
      ) {
        continue;
      }
      jobName ??= columns.jobName(row).toLowerCase();
      if (!jobName.includes(word)) return false;
    }
    return true;
  }
}
