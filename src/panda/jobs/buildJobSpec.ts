import { parseJobName } from './names.ts';
import type { FileSpec, JobSpec } from './record.ts';
import type { JobRequest, PipelineIdentity } from './request.ts';
import { needsSecrets } from './manifestReference.ts';
import type { ManifestReference } from './manifestReference.ts';
import type { Profile } from '../profiles/profile.ts';
import { shellJoin } from '../text/shellQuote.ts';

/** What a job needs besides the request. */
export interface JobContext {
  readonly profile: Profile;
  /** Unique: see `makeJobName`. */
  readonly jobName: string;
  /** Any integer; shared by the jobs of one submission. */
  readonly jobDefinitionId: number;
  /** Where a worker node fetches a cache file: `client.files.cacheUrl`. */
  readonly cacheUrl: (name: string) => string;
  /** Where the job finds the manifest of its staged files: its outputs then go where that says, and PanDA keeps its log. */
  readonly manifest?: ManifestReference;
}

/** The mark in `specialHandling` of jobs whose pilot is given the secrets of their owner. */
const USE_SECRETS = 'us';

/**
 * PanDA's record of a request. The job's parameters are words for a POSIX shell, read by the payload script:
 * `[PIPELINE_TASK=… PIPELINE_PROCESSINSTANCE=… PIPELINE_STREAM=…] [--source <url>] [--manifest <reference>] --memory <MB>
 * --walltime <s> [--output <local>=<lfn>]… -- <argument>…`, with a manifest no outputs, as that names them.
 */
export function buildJobSpec(request: JobRequest, context: JobContext): JobSpec {
  const { profile, jobName, jobDefinitionId, cacheUrl, manifest } = context;
  const { resources, transformation } = request;
  const dataset = datasetOf(profile, jobName);
  const file = (lfn: string, type: FileSpec['type']): FileSpec => ({
    lfn,
    type,
    dataset,
    destinationDBlock: dataset,
    destinationSE: 'local',
  });
  return {
    jobDefinitionID: jobDefinitionId,
    jobName,
    transformation: cacheUrl(transformation.payload.name),
    jobParameters: parametersOf(request, context),
    processingType: transformation.id,
    prodSourceLabel: profile.prodSourceLabel,
    prodUserName: profile.user,
    VO: profile.vo,
    workingGroup: profile.workingGroup ?? null,
    cloud: profile.cloud ?? null,
    computingSite: request.site ?? profile.defaultSite ?? null,
    destinationDBlock: dataset,
    destinationSE: 'local',
    coreCount: resources.cores,
    minRamCount: resources.memoryMB,
    minRamUnit: 'MB',
    maxDiskCount: resources.diskMB,
    maxDiskUnit: 'MB',
    maxWalltime: resources.walltimeSeconds,
    currentPriority: 1000,
    assignedPriority: 1000,
    attemptNr: 0,
    ...(manifest !== undefined && needsSecrets(manifest) ? { specialHandling: USE_SECRETS } : {}),
    files: [
      ...outputsOf(request, context).map((name) => file(outputLfn(jobName, name), 'output')),
      file(`${jobName}.log.tgz`, 'log'),
    ],
  };
}

/** Names of the outputs that the pilot keeps. */
function outputsOf({ outputs }: JobRequest, { manifest }: JobContext): readonly string[] {
  return manifest === undefined ? outputs : [];
}

/** The unique name of an output file: `<jobName>.<output name>`. */
export function outputLfn(jobName: string, output: string): string {
  return `${jobName}.${output}`;
}

function parametersOf(request: JobRequest, context: JobContext): string {
  const { jobName, cacheUrl, manifest } = context;
  const { tarball } = request.transformation;
  return shellJoin(
    payloadWords(request, {
      source: tarball === undefined ? undefined : cacheUrl(tarball.name),
      manifest,
      outputs: outputsOf(request, context).map((name) => [name, outputLfn(jobName, name)]),
    }),
  );
}

/** Where the payload script of a request finds and leaves files. */
export interface PayloadPlaces {
  /** The tarball: a URL, or the name of a file in the job's directory. */
  readonly source: string | undefined;
  readonly manifest?: ManifestReference | undefined;
  /** Names that outputs have, and are given. */
  readonly outputs: readonly (readonly [local: string, final: string])[];
  /** Folder that the pilot watches, if that is not the payload's own. */
  readonly reports?: string;
}

/** The words of a payload script. */
export function payloadWords(request: JobRequest, places: PayloadPlaces): string[] {
  const { source, manifest, outputs, reports } = places;
  const { memoryMB, walltimeSeconds } = request.resources;
  return [
    ...pipelineWords(request.pipeline),
    ...(source === undefined ? [] : ['--source', source]),
    ...(manifest === undefined ? [] : ['--manifest', manifest]),
    ...(reports === undefined ? [] : ['--reports', reports]),
    '--memory',
    String(memoryMB),
    '--walltime',
    String(walltimeSeconds),
    ...outputs.flatMap(([local, final]) => ['--output', `${local}=${final}`]),
    '--',
    ...request.arguments,
  ];
}

/** Spelled as the monitor looks for them, to link a job to its process in the pipeline. */
function pipelineWords(pipeline: PipelineIdentity | undefined): string[] {
  return pipeline === undefined
    ? []
    : [
        `PIPELINE_TASK=${pipeline.task}`,
        `PIPELINE_PROCESSINSTANCE=${pipeline.processInstance}`,
        `PIPELINE_STREAM=${pipeline.stream}`,
      ];
}

/** One set of outputs for a submission: `panda.<vo>.user.<submission id>`. */
function datasetOf(profile: Profile, jobName: string): string {
  return `panda.${profile.vo}.user.${parseJobName(jobName)?.submissionId ?? jobName}`;
}
