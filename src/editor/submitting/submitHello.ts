import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { loadTransformations } from './loadTransformations.ts';
import { submitPlan } from './submitPlan.ts';

/** Submits a job that prints a greeting: shows that everything works, without a question. */
export async function submitHello(parts: Parts): Promise<void> {
  const all = loadTransformations(parts.extension.extensionPath);
  const built = all.find(({ id }) => id === 'hello')?.build(undefined, {});
  if (built?.kind !== 'requests') {
    throw new NothingToDo(
      `HelloPanda cannot be built: ${built?.problems[0]?.message ?? 'it is not installed'}.`,
    );
  }
  await submitPlan({ name: 'HelloPanda', requests: built.requests }, parts);
}
