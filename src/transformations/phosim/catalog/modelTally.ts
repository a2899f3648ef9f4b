import { IMAGE_MODEL, spatialModel } from './spatialModels.ts';
import type { SpatialModel } from './spatialModels.ts';

/** Unknown words that are counted each for itself. */
const MOST_WORDS = 100;
const OTHERS = 'others';

/** Counts sources by model, under the words of the catalog; pictures are counted together. */
export class ModelTally {
  readonly #counts = new Map<string, number>();

  /** Counts one; gives the model, undefined where phoSim does not know the word. */
  add(word: string): SpatialModel | undefined {
    const model = spatialModel(word);
    const room = this.#counts.size < MOST_WORDS || this.#counts.has(word);
    const name = model === IMAGE_MODEL ? IMAGE_MODEL.name : room ? word : OTHERS;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return model;
  }

  result(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
