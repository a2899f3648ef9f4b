type Kind = 'text' | 'texts' | 'count' | 'amount' | 'flag';

/** What may be changed of a task that is tried again; PanDA passes over all else. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['site', 'text'],
  ['excludedSite', 'texts'],
  ['includedSite', 'texts'],
  ['nFilesPerJob', 'count'],
  ['nMaxFilesPerJob', 'count'],
  ['maxNFilesPerJob', 'count'],
  ['nGBPerJob', 'amount'],
  ['nFiles', 'count'],
  ['nEvents', 'count'],
  ['loopingCheck', 'flag'],
  ['ramCount', 'count'],
  ['maxCoreCount', 'count'],
  ['avoidVP', 'flag'],
  ['ignoreMissingInDS', 'flag'],
  ['forceStaged', 'flag'],
]);

const FITS: Readonly<Record<Kind, readonly [words: string, fits: (value: unknown) => boolean]>> = {
  text: ['a text', isText],
  texts: [
    'a text, or a list of texts',
    (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  ],
  count: ['a whole number from 1 on', (value) => Number.isSafeInteger(value) && Number(value) >= 1],
  amount: ['a number above 0', (value) => typeof value === 'number' && Number.isFinite(value) && value > 0],
  flag: ['true or false', (value) => typeof value === 'boolean'],
};

/** What is wrong with new parameters for a task that is tried again, in words; null takes one away. */
export function retryParameterProblem(parameters: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(parameters)) {
    const kind = KINDS.get(name);
    if (kind === undefined) {
      return `${name} cannot be changed by a retry; what can is ${[...KINDS.keys()].join(', ')}`;
    }
    const [words, fits] = FITS[kind];
    if (value !== null && !fits(value)) return `${name}: ${words} is needed`;
  }
  return undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
