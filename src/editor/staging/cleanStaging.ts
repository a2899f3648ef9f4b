import type { StagingSettings } from '../../panda/index.ts';
import {
  abortUnfinished,
  describePlace,
  removeAreas,
  removeObjects,
  settingsBelow,
  stagingUsage,
  unusedInputs,
  userSegment,
  type Removed,
  type StagedObject,
  type StagingArea,
  type StagingStore,
  type UnfinishedUpload,
} from '../../staging/index.ts';
import { formatSize, plural, systemClock } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { workspaceRecords } from '../submissions/workspaceRecords.ts';
import { withNotification, withViewProgress } from '../vscode/progress.ts';
import { confirm, pickMany, tell, type Choice } from '../vscode/prompts.ts';
import { submissionEnds, type SubmissionEnd } from './areaEnds.ts';
import { areaEntry, removeQuestion } from './cleanTexts.ts';

const DAY = 86_400_000;

/** One place where the profile stages files: its own, or a folder below that a submission named. */
interface Place {
  readonly title: string;
  readonly store: StagingStore;
  readonly user: string;
  readonly areas: readonly StagingArea[];
  readonly uploads: readonly UnfinishedUpload[];
  /** Shared inputs that no area uses as things are. */
  readonly inputs: readonly StagedObject[];
}

type Target =
  | { readonly kind: 'area'; readonly place: Place; readonly area: StagingArea; readonly doubtful: boolean }
  | { readonly kind: 'inputs' | 'uploads'; readonly place: Place };

/** "Clean up staging…": what is staged with age and size; what the user picks is removed, after a question. */
export async function cleanStaging(parts: Parts): Promise<void> {
  const session = await withViewProgress(({ report }) => parts.sessions.require({ onProgress: report }));
  const { staging, name } = session.profile;
  if (staging === undefined) throw new NothingToDo(`Profile ${name} does not say where files are staged.`);
  const dayAgo = systemClock.now() - DAY;
  const { places, ends } = await withNotification('Looking through what is staged', async ({ signal }) => {
    const found = await readPlaces(staging, dayAgo, session, parts, signal);
    const ids = found.flatMap(({ areas }) => areas.map((area) => area.name.submissionId));
    return { places: found, ends: await submissionEnds(ids, session, signal) };
  });
  const { choices, kept } = choicesOf(places, ends);
  const stay =
    kept === 0
      ? ''
      : `; ${plural(kept, 'area')} of jobs that have not ended ${kept === 1 ? 'stays' : 'stay'}`;
  if (choices.length === 0)
    throw new NothingToDo(`Nothing in ${describePlace(staging)} can be removed${stay}.`);
  const targets = await pickMany(choices, {
    title: `Clean up ${describePlace(staging)}`,
    placeHolder: `What is to be removed${stay}`,
  });
  if (targets === undefined) return;
  await removeTargets(targets, describePlace(staging), dayAgo);
}

async function readPlaces(
  staging: StagingSettings,
  dayAgo: number,
  session: Session,
  parts: Parts,
  signal: AbortSignal,
): Promise<readonly Place[]> {
  const { profile, staging: stores } = session;
  const user = userSegment(profile.user);
  const records = await workspaceRecords(parts).newest(500);
  const folders = records.flatMap(({ record }) =>
    record.profile === profile.name ? [record.asked.stagingFolder ?? ''] : [],
  );
  const places: Place[] = [];
  for (const folder of new Set(['', ...folders])) {
    const settings = settingsBelow(staging, folder);
    const store = stores.open(settings);
    const { areas, unfinished } = await stagingUsage(store, user, { signal });
    const inputs = await unusedInputs(store, user, dayAgo, { signal });
    const uploads = unfinished.filter(({ startedAt }) => startedAt < dayAgo);
    places.push({ title: describePlace(settings), store, user, areas, uploads, inputs });
  }
  return places;
}

function choicesOf(
  places: readonly Place[],
  ends: ReadonlyMap<string, SubmissionEnd>,
): { readonly choices: readonly Choice<Target>[]; readonly kept: number } {
  const now = systemClock.now();
  const choices: Choice<Target>[] = [];
  let kept = 0;
  for (const place of places) {
    for (const area of place.areas) {
      const end = ends.get(area.name.submissionId) ?? { end: 'unknown', name: undefined };
      if (end.end === 'unfinished') {
        kept += 1;
        continue;
      }
      const value: Target = { kind: 'area', place, area, doubtful: end.end === 'unknown' };
      choices.push({ ...areaEntry(area, end, now), value });
    }
    const { inputs, uploads, title } = place;
    if (inputs.length > 0) {
      const description = `${plural(inputs.length, 'file')} · ${formatSize(sizeOf(inputs))}`;
      choices.push({
        label: 'Inputs that nothing uses any more',
        description,
        detail: title,
        value: { kind: 'inputs', place },
      });
    }
    if (uploads.length > 0) {
      choices.push({
        label: 'Uploads that never ended',
        description: plural(uploads.length, 'upload'),
        detail: title,
        value: { kind: 'uploads', place },
      });
    }
  }
  return { choices, kept };
}

/** What is to go from one place. */
interface Load {
  readonly place: Place;
  readonly areas: readonly StagingArea[];
  readonly inputs: readonly StagedObject[];
  readonly uploads: readonly UnfinishedUpload[];
}

async function removeTargets(targets: readonly Target[], where: string, dayAgo: number): Promise<void> {
  const loads = await withNotification('Looking at what is to be removed', ({ signal }) =>
    loadsOf(targets, dayAgo, signal),
  );
  const areas = loads.flatMap((load) => load.areas);
  const inputs = loads.flatMap((load) => load.inputs);
  const { question, detail } = removeQuestion({
    areas: areas.length,
    doubtful: targets.filter((target) => target.kind === 'area' && target.doubtful).length,
    files: areas.reduce((sum, { files }) => sum + files, 0),
    size: sizeOf(areas),
    inputs: inputs.length,
    inputsSize: sizeOf(inputs),
    uploads: loads.reduce((sum, { uploads }) => sum + uploads.length, 0),
    place: where,
  });
  if (!(await confirm(question, 'Remove', detail))) return;
  let removed: Removed = { files: 0, size: 0 };
  const stopped = await withNotification('Removing staged files', async ({ signal, report }) => {
    const note = (now: Removed): void => {
      removed = now;
      report(`${plural(now.files, 'file')}, ${formatSize(now.size)}`);
    };
    try {
      await remove(loads, dayAgo, note, signal);
      return false;
    } catch (error) {
      if (!signal.aborted) throw error;
      return true;
    }
  });
  const text = `${plural(removed.files, 'file')}, ${formatSize(removed.size)}`;
  void tell('information', stopped ? `Stopped. Removed so far: ${text}.` : `Removed ${text}.`);
}

/** Inputs are looked at once more: what is unused depends on the areas that go. */
async function loadsOf(
  targets: readonly Target[],
  dayAgo: number,
  signal: AbortSignal,
): Promise<readonly Load[]> {
  const places = new Set(targets.map(({ place }) => place));
  const loads: Load[] = [];
  for (const place of places) {
    const here = targets.filter((target) => target.place === place);
    const areas = here.flatMap((target) => (target.kind === 'area' ? [target.area] : []));
    const without = areas.map(({ name }) => name);
    const inputs = here.some(({ kind }) => kind === 'inputs')
      ? await unusedInputs(place.store, place.user, dayAgo, { signal, without })
      : [];
    const uploads = here.some(({ kind }) => kind === 'uploads') ? place.uploads : [];
    loads.push({ place, areas, inputs, uploads });
  }
  return loads;
}

async function remove(
  loads: readonly Load[],
  dayAgo: number,
  note: (removed: Removed) => void,
  signal: AbortSignal,
): Promise<void> {
  let before: Removed = { files: 0, size: 0 };
  const add = ({ files, size }: Removed): Removed => ({
    files: before.files + files,
    size: before.size + size,
  });
  for (const { place, areas, inputs, uploads } of loads) {
    const names = areas.map(({ name }) => name);
    const onRemoved = (now: Removed): void => note(add(now));
    before = add(await removeAreas(place.store, names, { signal, onRemoved }));
    before = add(await removeObjects(place.store, inputs, { files: 0, size: 0 }, { signal }));
    note(before);
    await abortUnfinished(place.store, uploads, dayAgo, { signal });
  }
}

function sizeOf(things: readonly { readonly size: number }[]): number {
  return things.reduce((sum, { size }) => sum + size, 0);
}
