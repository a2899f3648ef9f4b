/** What a YAML file may be, told by its text alone: for files that need not be read as YAML, or cannot be. */

const PIPELINE = /\b(?:tasks|imports|inherits|subsets|contracts|instrument)["']?\s*:/u;
const SUBMIT_FILE = /\b(?:pipelineYaml|qgraphFile|customJob|payload)["']?\s*:/u;
/** A class with its module, as the value of a label or of `class`, all on one line: blanks that span lines take for ever. */
const CLASS = /^[ \t]+["']?[\w-]+["']?[ \t]*:[ \t]*["']?[A-Za-z_]\w*(?:\.\w+)+["']?[ \t]*(?:#.*)?$/mu;
/** Characters that are looked at where a text cannot be read as YAML. */
const HEAD = 64 * 1024;

/** False for most other files; true is no proof. */
export function mayBePipeline(text: string): boolean {
  return PIPELINE.test(text);
}

/** False for most other files; true is no proof. */
export function mayBeSubmitFile(text: string): boolean {
  return SUBMIT_FILE.test(text);
}

/** Top-level keys of a submit file of BPS, which is no pipeline. */
export function hasSubmitFileKeys(has: (key: string) => boolean): boolean {
  return (
    ['pipelineYaml', 'qgraphFile', 'customJob'].some(has) ||
    (has('payload') && ['project', 'campaign', 'computeSite', 'wmsServiceClass'].some(has))
  );
}

/** Of a text that cannot be read as YAML: whether a pipeline is meant, by the keys at the left edge. */
export function isMeantAsPipeline(text: string): boolean {
  const has = leftKeys(text);
  if (has('pipelineYaml') || has('payload')) return false;
  if (has('description')) return ['tasks', 'imports', 'inherits'].some(has);
  return has('tasks') && CLASS.test(text.slice(0, HEAD));
}

/** Of a text that cannot be read as YAML: whether a submit file is meant. */
export function isMeantAsSubmitFile(text: string): boolean {
  return hasSubmitFileKeys(leftKeys(text));
}

function leftKeys(text: string): (key: string) => boolean {
  const matches = text.slice(0, HEAD).matchAll(/^["']?([A-Za-z_]\w*)["']?\s*:/gmu);
  const keys = new Set([...matches].map(([, key = '']) => key));
  return (key) => keys.has(key);
}
