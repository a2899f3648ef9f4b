/** What every dataset can be filtered and sorted by, beside its metadata. */
export const DATASET_FIELDS = [
  'name',
  'path',
  'dataType',
  'fileFormat',
  'created',
  'versionId',
  'latest',
  'datasetSource',
  'processInstance',
  'taskName',
  'versionCreated',
  'versionModified',
  'site',
  'resource',
  'size',
  'checksum',
  'runMin',
  'runMax',
  'eventCount',
  'master',
  'scanStatus',
] as const;

export type DatasetField = (typeof DATASET_FIELDS)[number];
