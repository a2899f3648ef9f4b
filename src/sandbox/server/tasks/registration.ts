import { cleanName } from '../../../panda/index.ts';
import type { Identity } from '../identity.ts';
import { newTaskId } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import type { StoredTask } from '../store/taskTables.ts';
import type { TaskParameterMap, TaskStore } from '../store/tasks.ts';
import { integerIn, textIn } from './parameterMap.ts';

/** What a submission or a command comes to: PanDA's code, 0 for success, and its words. */
export interface Coded {
  readonly code: number;
  readonly message: string;
}

interface Parts {
  readonly store: Store;
  readonly tasks: TaskStore;
  readonly now: () => number;
}

interface RegistrationOptions {
  readonly parentTaskId: number | null;
  /** A retry with new parameters also finds tasks that are at work. */
  readonly mayBeActive: boolean;
}

const ENDED: readonly (string | null)[] = ['finished', 'failed', 'aborted', 'done', 'exhausted'];
const AT_WORK: readonly (string | null)[] = ['running', 'scouting', 'pending'];
const FAILED: Coded = { code: 4, message: 'failed to register task' };

/** Registers a task, or finds the one of its name that is there. To be called within a transaction. */
export function registerTask(
  parts: Parts,
  given: TaskParameterMap,
  identity: Identity,
  { parentTaskId, mayBeActive }: RegistrationOptions,
): Coded {
  const { taskName, vo, prodSourceLabel } = given;
  if (!isText(taskName, 256) || !isText(vo, 16) || !isText(prodSourceLabel, 20)) return FAILED;
  const map = completed(given, identity);
  const userName = textIn(map, 'userName') ?? '';
  const parent = parentOf(parts, map, userName, parentTaskId);
  if (typeof parent === 'object') return parent;
  if (map.taskType === 'anal' && (map.uniqueTaskName === true || mayBeActive)) {
    const known = parts.tasks.tasks(
      'WHERE taskName = ? AND userName = ? AND vo = ? AND prodSourceLabel = ? ORDER BY status IS NULL, jediTaskID DESC',
      ...[taskName, userName, vo, prodSourceLabel],
    )[0];
    if (known !== undefined) return meetKnown(parts, known, map, mayBeActive);
  }
  const jediTaskID = newTaskId(parts.store, parts.now());
  parts.tasks.insert(newTask(jediTaskID, map, parent ?? jediTaskID, parts.now()), map);
  return { code: 0, message: `succeeded. new jediTaskID=${jediTaskID}` };
}

/** A text that its column takes. */
function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest;
}

/** The server's own parameters: the owner and, unless production says otherwise, type and priority. */
function completed(given: TaskParameterMap, { dn, production }: Identity): TaskParameterMap {
  const map: Record<string, unknown> = { ...given };
  if (!production || !Object.hasOwn(map, 'userName')) map.userName = cleanName(dn) || dn;
  if (!production || !Object.hasOwn(map, 'taskType')) {
    map.taskType = 'anal';
    map.taskPriority = 1000;
  }
  return map;
}

/** The task that it follows, by id or name; undefined for none, a refusal where there is none of the name. */
function parentOf(
  { tasks }: Parts,
  map: TaskParameterMap,
  userName: string,
  parentTaskId: number | null,
): number | undefined | Coded {
  const name = textIn(map, 'parentTaskName');
  if (name === null) return parentTaskId ?? undefined;
  const found = tasks.tasks(
    'WHERE taskName = ? AND userName = ? ORDER BY jediTaskID DESC',
    name,
    userName,
  )[0];
  return (
    found?.jediTaskID ?? { code: 11, message: `failed to find parent with user="${userName}" name=${name}` }
  );
}

function newTask(jediTaskID: number, map: TaskParameterMap, parent_tid: number, now: number): StoredTask {
  const priority = integerIn(map, 'taskPriority') ?? 100;
  return {
    jediTaskID,
    taskName: String(map.taskName),
    userName: String(map.userName),
    vo: String(map.vo),
    prodSourceLabel: String(map.prodSourceLabel),
    status: null,
    oldStatus: null,
    superStatus: null,
    errorDialog: null,
    creationDate: now,
    modificationTime: now,
    stateChangeTime: now,
    startTime: null,
    endTime: null,
    taskPriority: priority,
    currentPriority: integerIn(map, 'currentPriority') ?? priority,
    attemptNr: 0,
    parent_tid,
    reqID: integerIn(map, 'reqID') ?? jediTaskID,
    site: textIn(map, 'site'),
    nextSerial: 1,
    command: null,
    commandComment: null,
    commandTime: null,
  };
}

function meetKnown(parts: Parts, known: StoredTask, map: TaskParameterMap, mayBeActive: boolean): Coded {
  const { jediTaskID, status } = known;
  if (status === null) {
    const message = `jediTaskID=${jediTaskID} is already queued for outDS=${known.taskName}. You cannot submit duplicated tasks. `;
    return { code: 1, message };
  }
  const isActive = mayBeActive && AT_WORK.includes(status) && known.prodSourceLabel === 'user';
  if (!ENDED.includes(status) && !isActive) {
    const message =
      `jediTaskID=${jediTaskID} is in the ${status} state for outDS=${known.taskName}. You can re-submit the task with new ` +
      'parameters for the same or another input once it goes into finished/failed/done. Or you can retry the task once it ' +
      'goes into running/finished/failed/done. ';
    return { code: 2, message };
  }
  const changed = changeableOf(map);
  const now = parts.now();
  if (!ENDED.includes(status)) {
    parts.tasks.setParameters(jediTaskID, { ...parts.tasks.parameters(jediTaskID), ...changed });
    parts.tasks.update(known, {}, now);
    return { code: 5, message: `${status}. new tasks params have been set to jediTaskID=${jediTaskID}. ` };
  }
  const commandComment = JSON.stringify(changed);
  parts.tasks.update(known, { command: 'incexec', commandComment, commandTime: now }, now);
  const message = `reactivation accepted. jediTaskID=${jediTaskID} (currently in ${status} state) will be re-executed with old and/or new input`;
  return { code: 3, message };
}

const CHANGEABLE: ReadonlySet<string> = new Set([
  'site',
  'cloud',
  'includedSite',
  'excludedSite',
  'cliParams',
  'nFiles',
  'nEvents',
  'fixedSandbox',
  'currentPriority',
  'ramCount',
  'forceStaged',
  'allowIncompleteInDS',
  't1Weight',
  'nEsConsumers',
  'nMaxFilesPerJob',
  'nGBPerJob',
  'noInputPooling',
  'nFilesPerJob',
  'nEventsPerWorker',
  'nJumboJobs',
  'avoidVP',
  'allowInputLAN',
  'useLocalIO',
  'noLoopingCheck',
  'maxCoreCount',
  'onlyTagsForFC',
  'useZipToPin',
  'ignoreMissingInDS',
  'noAutoPause',
]);

/** Those of a submission's parameters that change a task that is there already. */
function changeableOf(map: TaskParameterMap): TaskParameterMap {
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(map)) {
    if (name === 'priority') changed.currentPriority = value;
    else if (name === 'loopingCheck') changed.noLoopingCheck = !value;
    else if (CHANGEABLE.has(name) || name.startsWith('dsFor')) changed[name] = value;
  }
  if (map.fixedSandbox !== undefined && map.sourceURL !== undefined) changed.sourceURL = map.sourceURL;
  return changed;
}
