import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import type { Parts } from '../parts.ts';

/** What was submitted from this workspace: its records, shown, compared, asked for again. Loaded when first asked for. */
export function registerSubmissionCommands(parts: Parts, documents: TextDocuments): Disposable {
  const owned = createDisposables();
  const load = async () => {
    const { createRecordCommands } = await import('../submissions/recordCommands.ts');
    return createRecordCommands(parts, documents);
  };
  owned.add(parts.register(commands.submissions, async () => (await load()).list()));
  owned.add(parts.register(commands.showSubmission, async (...args) => (await load()).show(args)));
  owned.add(parts.register(commands.submitAgain, async (...args) => (await load()).submitAgain(args)));
  owned.add(parts.register(commands.compareSubmissions, async (...args) => (await load()).compare(args)));
  return owned;
}
