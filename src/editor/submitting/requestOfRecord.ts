import {
  parseJobName,
  splitShellWords,
  type JobRecord,
  type Resources,
  type StagedInput,
} from '../../panda/index.ts';

export interface ReadRequest {
  readonly kind: 'request';
  readonly request: OldRequest;
  /** Inputs and outputs are not in the record, but where the job is staged. */
  readonly isStaged: boolean;
}

/** What a job's record says of how to run it again. Files are named as in the cache. */
export interface OldRequest {
  readonly name: string;
  readonly transformation: string;
  readonly payload: string;
  readonly tarball: string | undefined;
  readonly arguments: readonly string[];
  readonly outputs: readonly string[];
  readonly stagedInputs?: readonly StagedInput[];
  readonly site: string | undefined;
  readonly resources: Resources;
  readonly pipeline:
    { readonly task: string; readonly processInstance: string; readonly stream: string } | undefined;
}

/** Why a job cannot be submitted again from its record, as a clause. */
export interface NoRequest {
  readonly kind: 'none';
  readonly reason: string;
}

/** Reads the request back from the record of a job that this program submitted. */
export function requestOfRecord(
  record: JobRecord,
  cacheUrl: (name: string) => string,
): ReadRequest | NoRequest {
  const none = (reason: string): NoRequest => ({ kind: 'none', reason });
  const name = parseJobName(record.jobName ?? '');
  if (name === null) return none('it was submitted by another program');
  const payload = cacheName(record.transformation, cacheUrl);
  if (payload === undefined) return none('its transformation is not in the cache of this profile');
  const words = splitShellWords(record.jobParameters ?? '');
  const parameters = words === undefined ? undefined : readParameters(words);
  if (parameters === undefined) return none('its parameters are not as this program writes them');
  const tarball = cacheName(parameters.source, cacheUrl);
  if (parameters.source !== undefined && tarball === undefined)
    return none('its files are not in the cache of this profile');
  const request: OldRequest = {
    name: name.name,
    transformation: record.processingType ?? '',
    payload,
    tarball,
    arguments: parameters.arguments,
    outputs: parameters.outputs,
    site: record.computingSite ?? undefined,
    resources: resourcesOf(record),
    pipeline: pipelineOf(parameters.variables),
  };
  return { kind: 'request', request, isStaged: parameters.isStaged };
}

function cacheName(url: string | null | undefined, cacheUrl: (name: string) => string): string | undefined {
  const name = url?.split('/').at(-1) ?? '';
  return /^[\w.-]{1,200}$/.test(name) && cacheUrl(name) === url ? name : undefined;
}

interface Parameters {
  readonly variables: ReadonlyMap<string, string>;
  readonly source: string | undefined;
  readonly outputs: readonly string[];
  readonly arguments: readonly string[];
  readonly isStaged: boolean;
}

/** Tell the payload what its record says, too. */
const REPEATED: ReadonlySet<string> = new Set(['--memory', '--walltime']);

/** `[NAME=value]… [--source URL] [--manifest reference] [--memory MB --walltime s] [--output local=lfn]… -- argument…` */
function readParameters(words: readonly string[]): Parameters | undefined {
  const end = words.indexOf('--');
  if (end < 0) return undefined;
  const variables = new Map<string, string>();
  const outputs: string[] = [];
  let source: string | undefined;
  let isStaged = false;
  for (let at = 0; at < end; at += 1) {
    const word = words[at] ?? '';
    const [, name, value] = /^(PIPELINE_[A-Z]+)=([^]*)$/.exec(word) ?? [];
    if (name !== undefined && value !== undefined) {
      variables.set(name, value);
      continue;
    }
    at += 1;
    const operand = at < end ? words[at] : undefined;
    if (operand === undefined) return undefined;
    if (word === '--source') source = operand;
    else if (word === '--manifest') isStaged = true;
    else if (word === '--output') outputs.push(operand.slice(0, Math.max(0, operand.lastIndexOf('='))));
    else if (!REPEATED.has(word)) return undefined;
  }
  return { variables, source, outputs, isStaged, arguments: words.slice(end + 1) };
}

function resourcesOf(record: JobRecord): Resources {
  return {
    cores: record.coreCount ?? 1,
    memoryMB: record.minRamCount ?? 0,
    diskMB: record.maxDiskCount ?? 0,
    walltimeSeconds: record.maxWalltime ?? 0,
  };
}

function pipelineOf(variables: ReadonlyMap<string, string>): OldRequest['pipeline'] {
  const task = variables.get('PIPELINE_TASK');
  const processInstance = variables.get('PIPELINE_PROCESSINSTANCE');
  const stream = variables.get('PIPELINE_STREAM');
  if (task === undefined || processInstance === undefined || stream === undefined) return undefined;
  return { task, processInstance, stream };
}
