import type { Checker, CheckOutcome } from '../checker.ts';
import { countDiagnostics } from '../diagnostics.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { readWhole } from '../readWhole.ts';

/** Pipelines of `lsst.pipe.base`. */
export const pipelineChecker: Checker = {
  kind: 'pipeline',
  label: 'pipeline',
  recognise: (path, head) => isYaml(path) && looksLikePipeline(keysOf(head)),
  async check(file, { signal }) {
    const text = decode(await readWhole(file, signal));
    const { checkPipelineYaml } = await import('./pipelineYaml.ts');
    const { diagnostics, summary } = checkPipelineYaml(text);
    return outcome(diagnostics, summary);
  },
};

/** Submit files of `lsst.ctrl.bps`. Included files are not read. */
export const bpsChecker: Checker = {
  kind: 'bps-submit-file',
  label: 'BPS submit file',
  recognise: (path, head) => isYaml(path) && looksLikeSubmitFile(keysOf(head)),
  async check(file, { signal }) {
    const text = decode(await readWhole(file, signal));
    const { checkBpsYaml } = await import('./bpsYaml.ts');
    const { diagnostics, values } = checkBpsYaml(text);
    if (values === undefined) return outcome(diagnostics, undefined);
    const { tasks, unknownVariables, ...rest } = values;
    const variables = [...new Set(unknownVariables.map(({ name }) => name))];
    return outcome(diagnostics, { ...rest, tasks: Object.fromEntries(tasks), unknownVariables: variables });
  },
};

function isYaml(path: string): boolean {
  return /\.ya?ml$/iu.test(path);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The keys at the left edge: enough to tell kinds of files apart, whose content is then read in earnest. */
function keysOf(head: Uint8Array): ReadonlySet<string> {
  return new Set([...decode(head).matchAll(/^["']?([A-Za-z_]\w*)["']?\s*:/gmu)].map(([, key = '']) => key));
}

function looksLikePipeline(keys: ReadonlySet<string>): boolean {
  if (keys.has('pipelineYaml') || keys.has('payload')) return false;
  return keys.has('tasks') || (keys.has('description') && keys.has('imports'));
}

function looksLikeSubmitFile(keys: ReadonlySet<string>): boolean {
  return (
    ['pipelineYaml', 'qgraphFile', 'customJob'].some((key) => keys.has(key)) ||
    (keys.has('payload') &&
      ['project', 'campaign', 'computeSite', 'wmsServiceClass'].some((key) => keys.has(key)))
  );
}

function outcome(diagnostics: readonly Diagnostic[], summary: unknown): CheckOutcome {
  return { diagnostics, unlisted: 0, counts: countDiagnostics(diagnostics), summary };
}
