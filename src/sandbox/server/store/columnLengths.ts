import type { JobAttribute } from '../../../panda/index.ts';

/** Longest text of each column, in characters; those that are not named have no practical limit. */
const LENGTHS: Readonly<Partial<Record<JobAttribute, number>>> = {
  minRamUnit: 2,
  maxDiskUnit: 4,
  ipConnectivity: 5,
  transferType: 10,
  jobStatus: 15,
  prodSourceLabel: 20,
  workingGroup: 20,
  countryGroup: 20,
  cpu_architecture_level: 20,
  VO: 32,
  gshare: 32,
  cloud: 50,
  grid: 50,
  nucleus: 52,
  resource_type: 56,
  prodUserName: 60,
  processingType: 64,
  homepackage: 80,
  specialHandling: 80,
  batchID: 80,
  jobSubStatus: 80,
  pilotTiming: 100,
  transExitCode: 128,
  computingSite: 128,
  schedulerID: 128,
  modificationHost: 128,
  cpuConsumptionUnit: 128,
  computingElement: 128,
  pilotID: 200,
  transformation: 250,
  prodUserID: 250,
  destinationSE: 250,
  cmtConfig: 250,
  commandToPilot: 250,
  jobDispatcherErrorDiag: 250,
  brokerageErrorDiag: 250,
  supErrorDiag: 250,
  prodDBlock: 255,
  destinationDBlock: 255,
  dispatchDBlock: 255,
  jobName: 256,
  taskBufferErrorDiag: 300,
  jobMetrics: 500,
  pilotErrorDiag: 500,
  exeErrorDiag: 500,
  ddmErrorDiag: 500,
};

export function isTooLong(name: JobAttribute, text: string): boolean {
  const limit = LENGTHS[name];
  return limit !== undefined && text.length > limit && [...text].length > limit;
}

/** The text as far as the column takes it: what comes from pilots is cut without a word. */
export function truncated(name: JobAttribute, text: string): string {
  return isTooLong(name, text) ? [...text].slice(0, LENGTHS[name]).join('') : text;
}
