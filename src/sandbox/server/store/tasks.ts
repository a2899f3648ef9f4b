import type { SQLInputValue } from 'node:sqlite';
import type { Store } from './store.ts';
import {
  DATASET_COLUMNS,
  INPUT_COLUMNS,
  TASK_COLUMNS,
  type StoredDataset,
  type StoredInput,
  type StoredTask,
  type TaskChanges,
} from './taskTables.ts';

export type TaskParameterMap = Readonly<Record<string, unknown>>;

/** A task that the engine has taken up. */
export type KnownTask = StoredTask & { readonly status: string };

/** The tasks of a sandbox. As of the store: calls are synchronous, and writers go within its transactions. */
export interface TaskStore {
  /** Undefined also for a task that is not taken up yet. */
  readonly task: (jediTaskID: number) => KnownTask | undefined;
  /** Tasks of a condition, `WHERE` and what follows. */
  readonly tasks: (condition: string, ...values: SQLInputValue[]) => readonly StoredTask[];
  readonly parameters: (jediTaskID: number) => TaskParameterMap;
  /** As they came, completed by the server; undefined for a task that is not there. */
  readonly submittedParameters: (jediTaskID: number) => TaskParameterMap | undefined;
  readonly insert: (task: StoredTask, parameters: TaskParameterMap) => void;
  /** Writes changes of a task; a new state goes into its history. `time`: epoch milliseconds. */
  readonly update: (task: StoredTask, changes: TaskChanges, time: number) => void;
  readonly setParameters: (jediTaskID: number, parameters: TaskParameterMap) => void;
  readonly datasets: (jediTaskID: number) => readonly StoredDataset[];
  /** Returns the id it gets. */
  readonly insertDataset: (dataset: Omit<StoredDataset, 'datasetID'>) => number;
  readonly removeOutputDatasets: (jediTaskID: number) => void;
  /** Inputs of a condition, `WHERE` and what follows. */
  readonly inputs: (condition: string, ...values: SQLInputValue[]) => readonly StoredInput[];
  readonly insertInput: (input: Omit<StoredInput, 'fileID'>) => void;
}

type Select = <T>(
  table: string,
  columns: readonly (keyof T & string)[],
  condition: string,
  values: readonly SQLInputValue[],
) => readonly T[];

function selecting(store: Store): Select {
  return <T>(
    table: string,
    columns: readonly (keyof T & string)[],
    condition: string,
    values: readonly SQLInputValue[],
  ) =>
    store.rows(`SELECT ${quoted(columns)} FROM ${table} ${condition}`, ...values).map((row) => {
      // The columns were made from the keys of the type, and only this program writes them.
      return Object.fromEntries(columns.map((name, index) => [name, row[index]])) as T;
    });
}

function inserting(store: Store) {
  return <T extends object>(table: string, columns: readonly (keyof T & string)[], row: T): void => {
    const marks = columns.map(() => '?').join(', ');
    const values = columns.map((name) => row[name] as SQLInputValue);
    store.run(`INSERT INTO ${table} (${quoted(columns)}) VALUES (${marks})`, ...values);
  };
}

export function taskStore(store: Store): TaskStore {
  const select = selecting(store);
  const insert = inserting(store);
  const parameters = (column: string, jediTaskID: number): TaskParameterMap | undefined => {
    const text = store.rows(`SELECT ${column} FROM taskParameters WHERE jediTaskID = ?`, jediTaskID)[0]?.[0];
    return typeof text === 'string' ? (JSON.parse(text) as TaskParameterMap) : undefined;
  };
  const transition = (id: number, changes: TaskChanges, attemptNr: number, time: number): void => {
    const values = [id, changes.status ?? null, time, attemptNr, changes.errorDialog ?? null];
    const columns = 'jediTaskID, status, time, attemptNr, reason';
    store.run(`INSERT INTO taskTransitions (${columns}) VALUES (?, ?, ?, ?, ?)`, ...values);
  };
  const tasks: TaskStore['tasks'] = (condition, ...values) =>
    select<StoredTask>('tasks', TASK_COLUMNS, condition, values);
  return {
    task: (id) => tasks('WHERE jediTaskID = ?', id).find(isKnown),
    tasks,
    parameters: (id) => parameters('parameters', id) ?? {},
    submittedParameters: (id) => parameters('submitted', id),
    insert: (task, map) => {
      insert('tasks', TASK_COLUMNS, task);
      const text = JSON.stringify(map);
      store.run('INSERT INTO taskParameters VALUES (?, ?, ?)', task.jediTaskID, text, text);
    },
    update: (task, changes, time) => {
      const isNewState = changes.status !== undefined && changes.status !== task.status;
      const all = { ...changes, modificationTime: time, ...(isNewState ? { stateChangeTime: time } : {}) };
      const columns = Object.keys(all)
        .map((name) => `"${name}" = ?`)
        .join(', ');
      store.run(`UPDATE tasks SET ${columns} WHERE jediTaskID = ?`, ...Object.values(all), task.jediTaskID);
      if (isNewState) transition(task.jediTaskID, changes, changes.attemptNr ?? task.attemptNr, time);
    },
    setParameters: (id, map) => {
      store.run('UPDATE taskParameters SET parameters = ? WHERE jediTaskID = ?', JSON.stringify(map), id);
    },
    datasets: (id) =>
      select<StoredDataset>('taskDatasets', DATASET_COLUMNS, 'WHERE jediTaskID = ? ORDER BY datasetID', [id]),
    insertDataset: (dataset) => {
      insert<Omit<StoredDataset, 'datasetID'>>(
        'taskDatasets',
        DATASET_COLUMNS.filter(isNotDatasetId),
        dataset,
      );
      return Number(store.rows('SELECT max(datasetID) FROM taskDatasets')[0]?.[0]);
    },
    removeOutputDatasets: (id) =>
      store.run(`DELETE FROM taskDatasets WHERE jediTaskID = ? AND type IN ('output', 'log')`, id),
    inputs: (condition, ...values) => select<StoredInput>('taskInputs', INPUT_COLUMNS, condition, values),
    insertInput: (input) =>
      insert<Omit<StoredInput, 'fileID'>>('taskInputs', INPUT_COLUMNS.filter(isNotFileId), input),
  };
}

function isKnown(task: StoredTask): task is KnownTask {
  return task.status !== null;
}

function isNotDatasetId(name: keyof StoredDataset): name is Exclude<keyof StoredDataset, 'datasetID'> {
  return name !== 'datasetID';
}

function isNotFileId(name: keyof StoredInput): name is Exclude<keyof StoredInput, 'fileID'> {
  return name !== 'fileID';
}

function quoted(columns: readonly string[]): string {
  return columns.map((name) => `"${name}"`).join(', ');
}
