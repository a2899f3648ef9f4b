import type { StoredFile, StoredJob } from '../store/columns.ts';

/** Labels of the jobs a pilot gets that asks with a label; no label asks for production jobs. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  user: ['user', 'panda', 'install'],
  managed: ['managed', 'test', 'prod_test', 'install'],
  unified: ['managed', 'test', 'prod_test', 'install', 'user', 'panda'],
};

/** At a queue in test these labels ask for test jobs. */
const TURNED_TO_TEST: ReadonlySet<string | null> = new Set(['user', 'managed', 'unified']);

/** The labels a request may be answered with. `label`: as the pilot asked, null for none. */
export function labelsFor(label: string | null, siteStatus: string | undefined): readonly string[] {
  const asked = siteStatus === 'test' && TURNED_TO_TEST.has(label) ? 'test' : label;
  return LABELS[asked ?? 'managed'] ?? [asked ?? 'managed'];
}

const unset = (value: string | number | null): string | number => value ?? 'NULL';

/** A job as its pilot gets it: unset is the text `NULL`, lists are joined by commas. */
export function dispatchRecord(
  job: StoredJob,
  files: readonly StoredFile[],
  endPoint: string,
): Readonly<Record<string, unknown>> {
  const inputs = files.filter(({ type }) => type === 'input');
  const outputs = files.filter(({ type }) => type === 'output' || type === 'log');
  const log = files.find(({ type }) => type === 'log');
  const outputsAlone = outputs.filter(({ type }) => type === 'output');
  return {
    StatusCode: 0,
    PandaID: job.PandaID,
    prodSourceLabel: unset(job.prodSourceLabel),
    swRelease: unset(job.AtlasRelease),
    homepackage: unset(job.homepackage),
    transformation: unset(job.transformation),
    jobName: unset(job.jobName),
    jobDefinitionID: unset(job.jobDefinitionID),
    cloud: unset(job.cloud),
    inFiles: joined(inputs, 'lfn'),
    dispatchDblock: joined(inputs, 'dispatchDBlock'),
    dispatchDBlockToken: joined(inputs, 'dispatchDBlockToken'),
    dispatchDBlockTokenForOut: joined(outputs, 'dispatchDBlockToken'),
    outFiles: joined(outputs, 'lfn'),
    destinationDblock: joined(outputs, 'destinationDBlock'),
    destinationDBlockToken: joined(outputs, 'destinationDBlockToken'),
    prodDBlocks: joined(inputs, 'prodDBlock'),
    prodDBlockToken: joined(inputs, 'prodDBlockToken'),
    realDatasets: joined(outputs, 'dataset'),
    realDatasetsIn: joined(inputs, 'dataset'),
    fileDestinationSE: joined(outputs, 'destinationSE'),
    logFile: log?.lfn ?? '',
    logGUID: log === undefined ? '' : unset(log.GUID),
    jobPars: unset(job.jobParameters),
    attemptNr: job.attemptNr,
    GUID: joined(inputs, 'GUID'),
    checksum: inputs.map((file) => unset(file.checksum ?? file.md5sum)).join(','),
    fsize: joined(inputs, 'fsize'),
    scopeIn: joined(inputs, 'scope'),
    scopeOut: joined(outputsAlone, 'scope'),
    scopeLog: log === undefined ? '' : unset(log.scope),
    ddmEndPointIn: inputs.map(() => endPoint).join(','),
    ddmEndPointOut: outputs.map(() => endPoint).join(','),
    ...resources(job),
  };
}

function resources(job: StoredJob): Readonly<Record<string, unknown>> {
  return {
    destinationSE: unset(job.destinationSE),
    prodUserID: unset(job.prodUserID),
    maxCpuCount: unset(job.maxCpuCount),
    minRamCount: unset(job.minRamCount),
    maxDiskCount: unset(job.maxDiskCount),
    cmtConfig: unset(job.cmtConfig),
    processingType: unset(job.processingType),
    transferType: unset(job.transferType),
    sourceSite: unset(job.sourceSite),
    currentPriority: unset(job.currentPriority),
    taskID: unset(job.lockedby === 'jedi' ? job.jediTaskID : job.taskID),
    coreCount: job.coreCount ?? 1,
    jobsetID: unset(job.jobsetID),
    reqID: unset(job.reqID),
    nucleus: unset(job.nucleus),
    maxWalltime: unset(job.maxWalltime),
    resource_type: unset(job.resource_type),
    ioIntensity: null,
    ioIntensityUnit: null,
  };
}

function joined(files: readonly StoredFile[], attribute: keyof StoredFile): string {
  return files.map((file) => unset(file[attribute])).join(',');
}
