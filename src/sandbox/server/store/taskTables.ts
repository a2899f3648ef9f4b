/** A task as it is stored, its parameters apart. Times are epoch milliseconds. */
export interface StoredTask {
  readonly jediTaskID: number;
  readonly taskName: string;
  readonly userName: string;
  readonly vo: string;
  readonly prodSourceLabel: string;
  /** Null until the task engine has taken it up: most calls know it only then. */
  readonly status: string | null;
  /** What it was before a command or a hindrance. */
  readonly oldStatus: string | null;
  readonly superStatus: string | null;
  readonly errorDialog: string | null;
  readonly creationDate: number;
  readonly modificationTime: number;
  readonly stateChangeTime: number;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly taskPriority: number;
  readonly currentPriority: number;
  readonly attemptNr: number;
  readonly parent_tid: number;
  readonly reqID: number;
  readonly site: string | null;
  /** Serial number of the next job, which names its outputs. */
  readonly nextSerial: number;
  /** A command that was taken down, what goes with it, and when; null when it is done. */
  readonly command: string | null;
  readonly commandComment: string | null;
  readonly commandTime: number | null;
}

export type TaskChanges = Partial<Omit<StoredTask, 'jediTaskID'>>;

type Columns<T> = Readonly<Record<keyof T, 'INTEGER PRIMARY KEY' | 'INTEGER' | 'TEXT'>>;

const TASK_COLUMN_TYPES: Columns<StoredTask> = {
  jediTaskID: 'INTEGER PRIMARY KEY',
  taskName: 'TEXT',
  userName: 'TEXT',
  vo: 'TEXT',
  prodSourceLabel: 'TEXT',
  status: 'TEXT',
  oldStatus: 'TEXT',
  superStatus: 'TEXT',
  errorDialog: 'TEXT',
  creationDate: 'INTEGER',
  modificationTime: 'INTEGER',
  stateChangeTime: 'INTEGER',
  startTime: 'INTEGER',
  endTime: 'INTEGER',
  taskPriority: 'INTEGER',
  currentPriority: 'INTEGER',
  attemptNr: 'INTEGER',
  parent_tid: 'INTEGER',
  reqID: 'INTEGER',
  site: 'TEXT',
  nextSerial: 'INTEGER',
  command: 'TEXT',
  commandComment: 'TEXT',
  commandTime: 'INTEGER',
};

export const TASK_COLUMNS = Object.keys(TASK_COLUMN_TYPES) as readonly (keyof StoredTask)[];

/** A data set of a task: of its inputs, real or made up, or of its outputs. */
export interface StoredDataset {
  readonly datasetID: number;
  readonly jediTaskID: number;
  readonly datasetName: string;
  readonly containerName: string | null;
  readonly type: string;
  /** The data set whose files decide how many jobs there are; null for that one itself. */
  readonly masterID: number | null;
  readonly streamName: string | null;
}

const DATASET_COLUMN_TYPES: Columns<StoredDataset> = {
  datasetID: 'INTEGER PRIMARY KEY',
  jediTaskID: 'INTEGER',
  datasetName: 'TEXT',
  containerName: 'TEXT',
  type: 'TEXT',
  masterID: 'INTEGER',
  streamName: 'TEXT',
};

export const DATASET_COLUMNS = Object.keys(DATASET_COLUMN_TYPES) as readonly (keyof StoredDataset)[];

/**
 * An input of a task, or a range of its events. `ready` waits for a job, or will not be tried again when `attemptNr` has
 * come to `maxAttempt`; `running` is given to the job `PandaID`; `finished` is done.
 */
export interface StoredInput {
  readonly fileID: number;
  readonly jediTaskID: number;
  readonly datasetID: number;
  readonly lfn: string;
  readonly status: 'ready' | 'running' | 'finished';
  readonly attemptNr: number;
  readonly maxAttempt: number;
  readonly failedAttempt: number;
  readonly maxFailure: number | null;
  /** Of the last job that had it. */
  readonly PandaID: number | null;
  readonly startEvent: number | null;
  readonly endEvent: number | null;
  /** Place among the inputs, from 0: sequence numbers count from it. */
  readonly place: number;
}

const INPUT_COLUMN_TYPES: Columns<StoredInput> = {
  fileID: 'INTEGER PRIMARY KEY',
  jediTaskID: 'INTEGER',
  datasetID: 'INTEGER',
  lfn: 'TEXT',
  status: 'TEXT',
  attemptNr: 'INTEGER',
  maxAttempt: 'INTEGER',
  failedAttempt: 'INTEGER',
  maxFailure: 'INTEGER',
  PandaID: 'INTEGER',
  startEvent: 'INTEGER',
  endEvent: 'INTEGER',
  place: 'INTEGER',
};

export const INPUT_COLUMNS = Object.keys(INPUT_COLUMN_TYPES) as readonly (keyof StoredInput)[];

function columns(types: Readonly<Record<string, string>>): string {
  return Object.entries(types)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ');
}

/** `submitted` are the parameters as they came, completed; `parameters` those in force. Both are JSON. */
export const TASK_TABLES = `
  CREATE TABLE IF NOT EXISTS tasks (${columns(TASK_COLUMN_TYPES)});
  CREATE INDEX IF NOT EXISTS tasksByStatus ON tasks (status);
  CREATE INDEX IF NOT EXISTS tasksByName ON tasks (taskName);
  CREATE TABLE IF NOT EXISTS taskParameters (jediTaskID INTEGER PRIMARY KEY, submitted TEXT, parameters TEXT);
  CREATE TABLE IF NOT EXISTS taskTransitions (
    id INTEGER PRIMARY KEY, jediTaskID INTEGER, status TEXT, time INTEGER, attemptNr INTEGER, reason TEXT
  );
  CREATE TABLE IF NOT EXISTS taskDatasets (${columns(DATASET_COLUMN_TYPES)});
  CREATE INDEX IF NOT EXISTS taskDatasetsByTask ON taskDatasets (jediTaskID);
  CREATE TABLE IF NOT EXISTS taskInputs (${columns(INPUT_COLUMN_TYPES)});
  CREATE INDEX IF NOT EXISTS taskInputsByStatus ON taskInputs (jediTaskID, status, place);
  CREATE INDEX IF NOT EXISTS taskInputsByJob ON taskInputs (PandaID) WHERE PandaID IS NOT NULL;
`;
