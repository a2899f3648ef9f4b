import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { originOf } from '../submissions/workspaceRecords.ts';
import { activeFileUri } from '../vscode/activeFile.ts';
import { loadTransformations } from './loadTransformations.ts';
import { submitPlan } from './submitPlan.ts';

/** Submits a job that prints a greeting: shows that everything works, without a question. */
export async function submitHello(parts: Parts): Promise<void> {
  const all = loadTransformations(parts.extension.extensionPath);
  const transformation = all.find(({ id }) => id === 'hello');
  if (transformation === undefined) throw new Error('the catalog of transformations is not whole');
  const built = transformation.build(undefined, {});
  if (built.kind === 'problems') {
    throw new NothingToDo(`HelloPanda cannot be built: ${built.problems[0]?.message ?? ''}.`);
  }
  const origin = originOf({ transformation, options: {} }, activeFileUri());
  await submitPlan({ name: 'HelloPanda', requests: built.requests, origin }, parts);
}
