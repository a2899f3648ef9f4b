/**
 * The 126 attributes of a job and the 22 of a file, in wire order, with the kind of each value.
 * A submitted job is a bare list of values, so the order is the protocol (panda-server `JobSpec`, `FileSpec`).
 * `time` travels as text and is kept as epoch milliseconds, UTC.
 */
type AttributeKind = 'integer' | 'number' | 'text' | 'time';

export const JOB_ATTRIBUTES = [
  ['PandaID', 'integer'],
  ['jobDefinitionID', 'integer'],
  ['schedulerID', 'text'],
  ['pilotID', 'text'],
  ['creationTime', 'time'],
  ['creationHost', 'text'],
  ['modificationTime', 'time'],
  ['modificationHost', 'text'],
  ['AtlasRelease', 'text'],
  ['transformation', 'text'],
  ['homepackage', 'text'],
  ['prodSeriesLabel', 'text'],
  ['prodSourceLabel', 'text'],
  ['prodUserID', 'text'],
  ['assignedPriority', 'integer'],
  ['currentPriority', 'integer'],
  ['attemptNr', 'integer'],
  ['maxAttempt', 'integer'],
  ['jobStatus', 'text'],
  ['jobName', 'text'],
  ['maxCpuCount', 'integer'],
  ['maxCpuUnit', 'text'],
  ['maxDiskCount', 'integer'],
  ['maxDiskUnit', 'text'],
  ['ipConnectivity', 'text'],
  ['minRamCount', 'integer'],
  ['minRamUnit', 'text'],
  ['startTime', 'time'],
  ['endTime', 'time'],
  ['cpuConsumptionTime', 'integer'],
  ['cpuConsumptionUnit', 'text'],
  ['commandToPilot', 'text'],
  ['transExitCode', 'text'],
  ['pilotErrorCode', 'integer'],
  ['pilotErrorDiag', 'text'],
  ['exeErrorCode', 'integer'],
  ['exeErrorDiag', 'text'],
  ['supErrorCode', 'integer'],
  ['supErrorDiag', 'text'],
  ['ddmErrorCode', 'integer'],
  ['ddmErrorDiag', 'text'],
  ['brokerageErrorCode', 'integer'],
  ['brokerageErrorDiag', 'text'],
  ['jobDispatcherErrorCode', 'integer'],
  ['jobDispatcherErrorDiag', 'text'],
  ['taskBufferErrorCode', 'integer'],
  ['taskBufferErrorDiag', 'text'],
  ['computingSite', 'text'],
  ['computingElement', 'text'],
  ['jobParameters', 'text'],
  ['metadata', 'text'],
  ['prodDBlock', 'text'],
  ['dispatchDBlock', 'text'],
  ['destinationDBlock', 'text'],
  ['destinationSE', 'text'],
  ['nEvents', 'integer'],
  ['grid', 'text'],
  ['cloud', 'text'],
  ['cpuConversion', 'number'],
  ['sourceSite', 'text'],
  ['destinationSite', 'text'],
  ['transferType', 'text'],
  ['taskID', 'integer'],
  ['cmtConfig', 'text'],
  ['stateChangeTime', 'time'],
  ['prodDBUpdateTime', 'time'],
  ['lockedby', 'text'],
  ['relocationFlag', 'integer'],
  ['jobExecutionID', 'integer'],
  ['VO', 'text'],
  ['pilotTiming', 'text'],
  ['workingGroup', 'text'],
  ['processingType', 'text'],
  ['prodUserName', 'text'],
  ['nInputFiles', 'integer'],
  ['countryGroup', 'text'],
  ['batchID', 'text'],
  ['parentID', 'integer'],
  ['specialHandling', 'text'],
  ['jobsetID', 'integer'],
  ['coreCount', 'integer'],
  ['nInputDataFiles', 'integer'],
  ['inputFileType', 'text'],
  ['inputFileProject', 'text'],
  ['inputFileBytes', 'integer'],
  ['nOutputDataFiles', 'integer'],
  ['outputFileBytes', 'integer'],
  ['jobMetrics', 'text'],
  ['workQueue_ID', 'integer'],
  ['jediTaskID', 'integer'],
  ['jobSubStatus', 'text'],
  ['actualCoreCount', 'integer'],
  ['reqID', 'integer'],
  ['maxRSS', 'integer'],
  ['maxVMEM', 'integer'],
  ['maxSWAP', 'integer'],
  ['maxPSS', 'integer'],
  ['avgRSS', 'integer'],
  ['avgVMEM', 'integer'],
  ['avgSWAP', 'integer'],
  ['avgPSS', 'integer'],
  ['maxWalltime', 'integer'],
  ['nucleus', 'text'],
  ['eventService', 'integer'],
  ['failedAttempt', 'integer'],
  ['hs06sec', 'number'],
  ['gshare', 'text'],
  ['hs06', 'number'],
  ['totRCHAR', 'integer'],
  ['totWCHAR', 'integer'],
  ['totRBYTES', 'integer'],
  ['totWBYTES', 'integer'],
  ['rateRCHAR', 'number'],
  ['rateWCHAR', 'number'],
  ['rateRBYTES', 'number'],
  ['rateWBYTES', 'number'],
  ['resource_type', 'text'],
  ['diskIO', 'number'],
  ['memory_leak', 'number'],
  ['memory_leak_x2', 'number'],
  ['container_name', 'text'],
  ['job_label', 'text'],
  ['gco2_regional', 'number'],
  ['gco2_global', 'number'],
  ['cpu_architecture_level', 'text'],
  ['outputFileType', 'text'],
] as const satisfies readonly (readonly [string, AttributeKind])[];

/** A submission carries the first 18 and an empty owner slot; what the server returns carries all 22. */
export const FILE_ATTRIBUTES = [
  ['row_ID', 'integer'],
  ['PandaID', 'integer'],
  ['GUID', 'text'],
  ['lfn', 'text'],
  ['type', 'text'],
  ['dataset', 'text'],
  ['status', 'text'],
  ['prodDBlock', 'text'],
  ['prodDBlockToken', 'text'],
  ['dispatchDBlock', 'text'],
  ['dispatchDBlockToken', 'text'],
  ['destinationDBlock', 'text'],
  ['destinationDBlockToken', 'text'],
  ['destinationSE', 'text'],
  ['fsize', 'integer'],
  ['md5sum', 'text'],
  ['checksum', 'text'],
  ['scope', 'text'],
  ['jediTaskID', 'integer'],
  ['datasetID', 'integer'],
  ['fileID', 'integer'],
  ['attemptNr', 'integer'],
] as const satisfies readonly (readonly [string, AttributeKind])[];

export const FILE_WIRE_LENGTH = 18;

type ValueOf<Kind extends AttributeKind> = Kind extends 'text' ? string : number;
type Values<Table extends readonly (readonly [string, AttributeKind])[]> = {
  -readonly [Row in Table[number] as Row[0]]: ValueOf<Row[1]> | null;
};

export type JobAttribute = (typeof JOB_ATTRIBUTES)[number][0];
export type FileAttribute = (typeof FILE_ATTRIBUTES)[number][0];
export type JobAttributes = Values<typeof JOB_ATTRIBUTES>;
export type FileAttributes = Values<typeof FILE_ATTRIBUTES>;

/** A job to submit: what is not named travels as unset (`NULL`). */
export type JobSpec = Partial<Omit<JobAttributes, 'PandaID'>> & {
  readonly jobName: string;
  readonly files: readonly FileSpec[];
};

/** A file of a job to submit. */
export type FileSpec = Partial<FileAttributes> & {
  readonly lfn: string;
  readonly type: 'input' | 'output' | 'log';
};

/**
 * A job as the server described it. Numbers that came as text are numbers here, times are epoch milliseconds (UTC),
 * unset is null; attributes we do not know are kept in `unknown` as they came.
 */
export type JobRecord = Readonly<JobAttributes> & {
  readonly PandaID: number;
  readonly jobStatus: string;
  readonly files: readonly FileRecord[];
  readonly unknown: Readonly<Record<string, unknown>>;
};

export type FileRecord = Readonly<FileAttributes>;
