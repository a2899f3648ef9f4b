/** The keys of a BPS submit file, as the documentation of `lsst.ctrl.bps` and its PanDA plugin name them. */

/** Sections, where more keys stand. */
export const SECTIONS: readonly string[] = [
  'payload',
  'pipetask',
  'cluster',
  'site',
  'cloud',
  'finalJob',
  'customJob',
];

/** Asked of the site, for all jobs or below `pipetask` for those of one task. */
export const WHOLE_NUMBERS: readonly string[] = [
  'requestMemory',
  'requestMemoryMax',
  'requestCpus',
  'requestDisk',
  'requestWalltime',
  'memoryLimit',
  'numberOfRetries',
  'priority',
  'maxJobsPerTask',
  'maxWmsJobWalltime',
];

const OTHERS: readonly string[] = [
  'includeConfigs',
  'pipelineYaml',
  'qgraphFile',
  'project',
  'campaign',
  'operator',
  'computeSite',
  'computeCloud',
  'wmsServiceClass',
  'submitPath',
  'uniqProcName',
  'clusterAlgorithm',
  'retryUnlessExit',
  'memoryMultiplier',
  'preemptible',
  'extraQgraphOptions',
  'extraRunQuantumOptions',
  'runQuantumCommand',
  'createQuantumGraph',
  'saveDot',
  'butlerConfig',
  'runInit',
  'LSST_VERSION',
  'queue',
  'prodSourceLabel',
  'fileDistributionEndPoint',
  's3EndpointUrl',
  'payloadFolder',
  'setupLSSTEnv',
  'custom_lsst_setup',
  'runnerCommand',
  'payloadCommand',
  'jobInitDir',
  'jobLogDir',
  'jobContainer',
  'jobCleanup',
  'placeholderParams',
  'enableEventService',
  'enableJobNameMap',
  'remoteBuild',
  'sw_image',
  'iddsServer',
];

export const TOP_LEVEL: ReadonlySet<string> = new Set([...SECTIONS, ...WHOLE_NUMBERS, ...OTHERS]);

export const PAYLOAD: ReadonlySet<string> = new Set([
  'payloadName',
  'butlerConfig',
  'inCollection',
  'output',
  'outputRun',
  'dataQuery',
  'runInit',
]);

export const TASK: ReadonlySet<string> = new Set([
  'requestMemory',
  'requestMemoryMax',
  'requestCpus',
  'requestDisk',
  'requestWalltime',
  'runQuantumCommand',
  'queue',
  'memoryMultiplier',
  'numberOfRetries',
]);

/** The key of any section of a submit file that was probably meant. */
export function likelyBpsKey(key: string): string | undefined {
  return likelyMeant(key, new Set([...TOP_LEVEL, ...PAYLOAD, ...TASK]));
}

/**
 * The key that was probably meant: the same but for capitals or an s at the end. Anything else may be a variable of the
 * user's own, which a submit file may hold.
 */
export function likelyMeant(key: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(key)) return undefined;
  const plain = (word: string): string => word.toLowerCase().replace(/s$/u, '');
  return [...known].find((candidate) => plain(candidate) === plain(key));
}
