import type { Checker } from '../../checker.ts';
import { readWhole } from '../../readWhole.ts';
import { checkCommandFile } from './checkCommandFile.ts';
import { recogniseCommandFile } from './recogniseCommandFile.ts';

export const commandFileChecker: Checker = {
  kind: 'command-file',
  label: 'command file',
  recognise: (_path, head) => recogniseCommandFile(head),
  check: async (file, { signal }) => {
    const { extraId, ...report } = checkCommandFile(await readWhole(file, signal));
    return { ...report, summary: { extraId } };
  },
};
