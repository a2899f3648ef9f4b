import type { JobRequest } from '../../panda/index.ts';
import {
  localDisk,
  planSubmission,
  type Diagnostic,
  type PlannedSubmission,
  type SubmissionDescription,
  type SubmissionFile,
  type SubmissionOrigin,
  type Transformation,
} from '../../transformations/index.ts';
import { describePlace } from '../../staging/index.ts';
import { formatSize, plural, prepareSubmission } from '../../watch/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { submitAsTask, taskPreview } from '../tasks/submitAsTask.ts';
import { withNotification, withViewProgress } from '../vscode/progress.ts';
import { pickOne } from '../vscode/prompts.ts';
import { jobPlace } from './jobPlace.ts';
import { loadTransformations } from './loadTransformations.ts';
import { previewText } from './previewText.ts';
import { submitDeps } from './submitDeps.ts';
import { submitPlan } from './submitPlan.ts';

/** A submission that is described as a submission file does it, whether it stands in one or in a record. */
export interface Described {
  /** What people know it by: the name of the file, or of the earlier submission. */
  readonly title: string;
  readonly file: SubmissionFile;
  /** Its paths are relative to it; absolute. */
  readonly folder: string;
  /** Folders whose files may be sent, absolute. */
  readonly roots: readonly string[];
  /** Where a line is, for a message: `noise.panda.yaml, line 3`. */
  readonly place: (line: number) => string;
  /** What its record is to say; undefined where none is kept. */
  readonly origin: (
    description: SubmissionDescription,
    transformations: readonly Transformation[],
  ) => SubmissionOrigin | undefined;
}

/** Submits what is described, after saying how much that is; or shows what would be sent. */
export async function submitDescribed(
  described: Described,
  dryRun: boolean,
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  const { file, title } = described;
  const session = await withViewProgress(({ report }) => parts.sessions.require({ onProgress: report }));
  const wanted = file.description?.profile;
  if (wanted !== undefined && wanted !== session.profile.name) {
    throw new NothingToDo(
      `${title} is for profile ${wanted}, and ${session.profile.name} is in use. Switch the profile, then submit it again.`,
    );
  }
  const transformations = loadTransformations(parts.extension.extensionPath);
  const plan = await makePlan(described, transformations, session);
  const action = dryRun ? 'preview' : await ask(title, plan, session);
  if (action === 'preview') await preview(title, plan, session, documents);
  if (action !== 'submit' || file.description === undefined) return;
  const { name, requests, stagingFolder, task } = plan;
  const origin = described.origin(file.description, transformations);
  if (task !== undefined) {
    await submitAsTask({ name, requests, settings: task, file: title, origin }, parts);
    return;
  }
  await submitPlan(
    { name, requests, origin, ...(stagingFolder === undefined ? {} : { stagingFolder }) },
    parts,
  );
}

interface StagedPlan extends PlannedSubmission {
  readonly stagingFolder: string | undefined;
}

async function makePlan(
  { file, folder, roots, title, place }: Described,
  transformations: readonly Transformation[],
  { profile }: Session,
): Promise<StagedPlan> {
  const deps = { folder, roots, transformations, disk: localDisk, ...jobPlace(profile) };
  const result = await withNotification(`Planning ${title}`, ({ report, signal }) =>
    planSubmission(file, deps, {
      signal,
      onProgress: (done, total) => report(`${done} of ${plural(total, 'job')}`),
    }),
  );
  if (result.kind === 'plan') {
    return { ...result.plan, stagingFolder: file.description?.stagingFolder };
  }
  throw new NothingToDo(refusal(title, result.diagnostics, place));
}

function refusal(title: string, diagnostics: readonly Diagnostic[], place: (line: number) => string): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? ` There are ${errors.length - 1} more such problems.` : '';
  return first === undefined ? `${title} describes no job.` : `${place(first.line)}: ${first.message}${more}`;
}

async function ask(
  title: string,
  { first, last, files, requests, task }: PlannedSubmission,
  { profile }: Session,
): Promise<'submit' | 'preview' | undefined> {
  const site = first.site ?? profile.defaultSite ?? 'no site';
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const { staging } = profile;
  const where = staging === undefined || task !== undefined ? '' : `, staged in ${describePlace(staging)}`;
  const names = requests.length === 1 ? first.name : `${first.name} … ${last.name}`;
  return pickOne(
    [
      {
        label: `$(play) Submit ${task === undefined ? '' : 'a task of '}${plural(requests.length, 'job')} to ${site}`,
        description: profile.name,
        detail: `${names} · ${plural(files.length, 'file')}, ${formatSize(size)}${where}`,
        value: 'submit',
      },
      {
        label: '$(eye) Dry run',
        description: 'show exactly what would be sent',
        value: 'preview',
      },
    ] as const,
    { title: `Submit ${title} to PanDA`, placeHolder: 'Enter submits' },
  );
}

/** Of many jobs the first and the last are shown. */
async function preview(
  title: string,
  plan: StagedPlan,
  session: Session,
  documents: TextDocuments,
): Promise<void> {
  if (plan.task !== undefined) {
    const { name, requests, task: settings } = plan;
    const text = await taskPreview({ name, requests, settings, file: title }, session);
    await documents.show(`${title} as PanDA task.json`, text);
    return;
  }
  const shown: readonly JobRequest[] =
    plan.requests.length <= 2 ? [...plan.requests] : [plan.first, plan.last];
  const { name, stagingFolder } = plan;
  const prepared = prepareSubmission(
    { name, requests: shown, ...(stagingFolder === undefined ? {} : { stagingFolder }) },
    submitDeps(session),
  );
  const text = previewText(prepared, session.profile, (name) => session.client.files.cacheUrl(name));
  const note = shown.length < plan.requests.length ? `, the first and last of ${plan.requests.length}` : '';
  await documents.show(`${title} as PanDA jobs${note}.json`, text);
}
