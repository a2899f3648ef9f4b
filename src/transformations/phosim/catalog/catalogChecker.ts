import type { Checker } from '../../checker.ts';
import { checkCatalog } from './checkCatalog.ts';
import { recogniseCatalog } from './recogniseCatalog.ts';

export const catalogChecker: Checker = {
  kind: 'instance-catalog',
  label: 'instance catalog',
  recognise: (path, head) => recogniseCatalog(path, head) !== undefined,
  async check({ path, head, content }, { sedFolder, ...options }) {
    const role = recogniseCatalog(path, head) ?? 'head';
    const { diagnostics, unlisted, counts, summary } = await checkCatalog(
      {
        path,
        role,
        ...(content === undefined ? {} : { content }),
        ...(sedFolder === undefined ? {} : { sedFolder }),
      },
      options,
    );
    return { diagnostics, unlisted, counts, summary, catalog: summary };
  },
};
