import type { StagedObject, StagingOptions, StagingStore, UnfinishedUpload } from './api.ts';
import { StagingError } from './errors.ts';
import { areaPrefix, sharedInputs, usedInputsKey } from './keys.ts';
import type { AreaName } from './keys.ts';

/** Longer than any list of ours. */
const LONGEST_LIST = 64 * 1024 * 1024;
const REMOVED_AT_A_TIME = 1000;

/** What one submission has in the store. */
export interface StagingArea {
  readonly name: AreaName;
  readonly files: number;
  /** Bytes. */
  readonly size: number;
  /** When something was last put there, epoch ms. */
  readonly modified: number;
}

/** All that a user has in the store. */
export interface StagingUsage {
  /** Oldest first. */
  readonly areas: readonly StagingArea[];
  /** Inputs that submissions share, by content. */
  readonly shared: { readonly files: number; readonly size: number; readonly modified: number };
  readonly unfinished: readonly UnfinishedUpload[];
}

/** Notes down which shared inputs a submission uses, so that clean-up leaves them while it is there. */
export async function recordUsedInputs(
  store: StagingStore,
  area: AreaName,
  keys: readonly string[],
  options: StagingOptions = {},
): Promise<void> {
  const text = JSON.stringify({ version: 1, inputs: [...new Set(keys)].sort() });
  await store.put(usedInputsKey(area), new TextEncoder().encode(`${text}\n`), options);
}

/** Looks through all that a user has staged. */
export async function stagingUsage(
  store: StagingStore,
  user: string,
  options: StagingOptions = {},
): Promise<StagingUsage> {
  const areas = new Map<string, StagingArea>();
  let shared = { files: 0, size: 0, modified: 0 };
  for await (const object of store.list(`${user}/`, options)) {
    const name = areaOf(user, object.key);
    if (name !== undefined) {
      const prefix = areaPrefix(name);
      areas.set(prefix, { name, ...add(areas.get(prefix), object) });
    } else if (object.key.startsWith(sharedInputs(user))) {
      shared = add(shared, object);
    }
  }
  const unfinished: UnfinishedUpload[] = [];
  if (store.parts !== undefined) {
    for await (const upload of store.parts.unfinished(`${user}/`, options)) unfinished.push(upload);
  }
  const oldestFirst = [...areas.values()].sort((a, b) => a.modified - b.modified);
  return { areas: oldestFirst, shared, unfinished };
}

/** What was removed. */
export interface Removed {
  readonly files: number;
  readonly size: number;
}

/** Removes all files of some areas; `onRemoved` is told how many there were so far. */
export async function removeAreas(
  store: StagingStore,
  areas: readonly AreaName[],
  options: StagingOptions & { readonly onRemoved?: (removed: Removed) => void } = {},
): Promise<Removed> {
  let removed = { files: 0, size: 0 };
  for (const area of areas) {
    const last = usedInputsKey(area);
    for await (const some of inBatches(store.list(areaPrefix(area), options))) {
      // Its list of inputs goes last, so that they are looked after until all else is gone.
      removed = await removeObjects(
        store,
        some.filter(({ key }) => key !== last),
        removed,
        options,
      );
      options.onRemoved?.(removed);
    }
    const list = await store.head(last, options);
    if (list !== undefined) removed = await removeObjects(store, [list], removed, options);
  }
  return removed;
}

/**
 * Shared inputs that no area of the user names but those of `without`, last put before `before` (epoch ms): nothing but a
 * submission that is under way right now can want those, so `before` must lie further back than one takes.
 */
export async function unusedInputs(
  store: StagingStore,
  user: string,
  before: number,
  options: StagingOptions & { readonly without?: readonly AreaName[] } = {},
): Promise<readonly StagedObject[]> {
  const going = new Set((options.without ?? []).map(usedInputsKey));
  const used = new Set<string>();
  const candidates: StagedObject[] = [];
  const lists: string[] = [];
  for await (const object of store.list(`${user}/`, options)) {
    const area = areaOf(user, object.key);
    if (area !== undefined && object.key === usedInputsKey(area)) {
      if (!going.has(object.key)) lists.push(object.key);
    }
    if (object.key.startsWith(sharedInputs(user)) && object.modified < before) candidates.push(object);
  }
  for (const key of lists) {
    for (const input of await readUsedInputs(store, key, options)) used.add(input);
  }
  return candidates.filter(({ key }) => !used.has(key));
}

/** Removes objects as they were listed. */
export async function removeObjects(
  store: StagingStore,
  objects: readonly StagedObject[],
  before: Removed = { files: 0, size: 0 },
  options: StagingOptions = {},
): Promise<Removed> {
  for (let start = 0; start < objects.length; start += REMOVED_AT_A_TIME) {
    const keys = objects.slice(start, start + REMOVED_AT_A_TIME).map(({ key }) => key);
    await store.remove(keys, options);
  }
  const size = objects.reduce((sum, object) => sum + object.size, before.size);
  return { files: before.files + objects.length, size };
}

/** Gives up uploads in parts that were begun before `before` (epoch ms); their parts take space, and nobody sees them. */
export async function abortUnfinished(
  store: StagingStore,
  uploads: readonly UnfinishedUpload[],
  before: number,
  options: StagingOptions = {},
): Promise<number> {
  const old = uploads.filter(({ startedAt }) => startedAt < before);
  for (const { key, uploadId } of old) {
    try {
      await store.parts?.abort(key, uploadId, options);
    } catch (error) {
      // It ended meanwhile.
      if (!(error instanceof StagingError) || error.kind !== 'notFound') throw error;
    }
  }
  return old.length;
}

/** The area that a key belongs to; undefined for shared inputs and what is not ours. */
export function areaOf(user: string, key: string): AreaName | undefined {
  if (!key.startsWith(`${user}/`)) return undefined;
  const [date = '', submissionId = '', ...rest] = key.slice(user.length + 1).split('/');
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || submissionId === '' || rest.length === 0) return undefined;
  return { user, date, submissionId };
}

async function readUsedInputs(
  store: StagingStore,
  key: string,
  options: StagingOptions,
): Promise<readonly string[]> {
  const { bytes, size } = await store.readRange(key, 0, LONGEST_LIST, options);
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof json === 'object' && json !== null && 'inputs' in json && Array.isArray(json.inputs)) {
      return json.inputs.filter((input) => typeof input === 'string');
    }
  } catch {
    // Told below.
  }
  throw new StagingError({
    kind: 'protocol',
    tried: `read which inputs ${key} keeps`,
    cameBack: `it is not a list of ours (${size} bytes)`,
    advice: 'Remove that area first, or keep the inputs',
  });
}

function add(
  before: { readonly files: number; readonly size: number; readonly modified: number } | undefined,
  { size, modified }: StagedObject,
): { files: number; size: number; modified: number } {
  return {
    files: (before?.files ?? 0) + 1,
    size: (before?.size ?? 0) + size,
    modified: Math.max(before?.modified ?? 0, modified),
  };
}

async function* inBatches(objects: AsyncIterable<StagedObject>): AsyncGenerator<StagedObject[]> {
  let batch: StagedObject[] = [];
  for await (const object of objects) {
    batch.push(object);
    if (batch.length < REMOVED_AT_A_TIME) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
