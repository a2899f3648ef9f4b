import { parseFilter } from './parse.ts';
import { FilterSyntaxError } from './tokens.ts';

/** What is wrong with a filter, and where: offsets into its text. */
export interface FilterProblem {
  readonly from: number;
  readonly to: number;
  /** A clause without a full stop. */
  readonly message: string;
}

/** What keeps a filter from being read; undefined for one that can be sent. Whether its names exist, only the catalog knows. */
export function checkFilter(filter: string): FilterProblem | undefined {
  try {
    parseFilter(filter);
    return undefined;
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const { from, to, message } = error;
    return { from, to, message };
  }
}
