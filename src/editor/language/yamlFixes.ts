import { likelyBpsKey } from '../../transformations/index.ts';
import type { Fix, Flaw } from './quickFixes.ts';

/** What can be done about a flaw of a line of a pipeline or a submit file of BPS. */
export function yamlFixesFor(flaw: Flaw, line: string): readonly Fix[] {
  const text = line.slice(flaw.from, flaw.to);
  const meant = meantBy(flaw.code, text);
  if (meant === undefined || text === '') return [];
  const { from, to } = flaw;
  return [
    {
      title: `Change ${text} to ${meant}`,
      edit: { kind: 'replace', from, to, text: meant },
      preferred: true,
    },
  ];
}

function meantBy(code: Flaw['code'], text: string): string | undefined {
  switch (code) {
    case 'likely-typo':
      return likelyBpsKey(text);
    case 'subset-instead-of-subsets':
      return text.replace('subset', 'subsets');
    case 'inherits-not-supported':
      return text.replace('inherits', 'imports');
    case 'missing-slash':
      return text.replace(/(["']?)$/u, '/$1');
    default:
      return undefined;
  }
}
