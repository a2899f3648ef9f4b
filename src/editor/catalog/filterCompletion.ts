import { checkFilter, DATASET_FIELDS, FILTER_WORDS } from '../../datacat/index.ts';

/** What stands below the box while a filter is typed. */
export interface FilterHelp {
  /** Why it cannot be searched for; undefined for one that can. */
  readonly problem: string | undefined;
  /** Names and words that go on from what was typed last, and the whole filter with each. */
  readonly completions: readonly { readonly name: string; readonly note: string; readonly filter: string }[];
}

const MOST = 20;

/** Checks a filter and completes its last word; `names`: of metadata that were seen. */
export function filterHelp(filter: string, names: Iterable<string>): FilterHelp {
  const problem = filter.trim() === '' ? undefined : checkFilter(filter);
  return {
    problem: problem === undefined ? undefined : `At character ${problem.from + 1}: ${problem.message}`,
    completions: isWithinText(filter) ? [] : completionsOf(filter, names),
  };
}

function completionsOf(filter: string, names: Iterable<string>): FilterHelp['completions'] {
  const [word] = /[\w.]*$/u.exec(filter) ?? [''];
  const head = filter.slice(0, filter.length - word.length);
  const candidates = [
    ...[...names].sort().map((name) => ({ name, note: 'metadata' })),
    ...DATASET_FIELDS.map((name) => ({ name, note: 'field' })),
    ...FILTER_WORDS.map((name) => ({ name, note: '' })),
  ];
  return candidates
    .filter(({ name }) => name.toLowerCase().startsWith(word.toLowerCase()) && name !== word)
    .slice(0, MOST)
    .map(({ name, note }) => ({ name, note, filter: `${head}${name} ` }));
}

/** Names are not completed inside quotes. */
function isWithinText(filter: string): boolean {
  let open = '';
  for (let at = 0; at < filter.length; at += 1) {
    const char = filter.charAt(at);
    if (open !== '' && char === '\\') at += 1;
    else if (open === '' && (char === '"' || char === "'")) open = char;
    else if (char === open) open = '';
  }
  return open !== '';
}
