import type { Place } from '../../findings.ts';
import { findHeaderWord } from './headerWords.ts';
import type { FoundWord } from './headerWords.ts';

/** Distinct spectra that are remembered by name; supernovae and knots bring one each. */
const MOST_REMEMBERED = 100_000;

/** A spectrum that sources name. */
export interface Spectrum {
  readonly path: string;
  /** Where it is named first. */
  readonly place: Place;
  /** A header word in its path. */
  readonly word: FoundWord | undefined;
}

/** The spectra that sources name, each once. */
export class Spectra {
  readonly #known = new Map<string, Spectrum>();
  #overflowed = false;

  /** The spectrum of that path; `place` is only asked for when it is new. */
  note(path: string, place: () => Place): Spectrum {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const spectrum = { path, place: place(), word: findHeaderWord(path) };
    if (this.#known.size < MOST_REMEMBERED) this.#known.set(path, spectrum);
    else this.#overflowed = true;
    return spectrum;
  }

  get size(): number {
    return this.#known.size;
  }

  /** There were more than could be remembered: `size` is a lower bound. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  all(): Iterable<Spectrum> {
    return this.#known.values();
  }
}
