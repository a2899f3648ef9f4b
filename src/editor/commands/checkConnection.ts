import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import type { Parts } from '../parts.ts';
import { withViewProgress } from '../vscode/progress.ts';

/** "Check connection": goes through everything a profile needs, and shows what works as a document. */
export function registerCheckConnection(parts: Parts, documents: TextDocuments): Disposable {
  const owned = createDisposables();
  owned.add(
    parts.register(commands.checkConnection, async () => {
      const { connectionReport } = await import('../report/connectionReport.ts');
      const report = await withViewProgress(({ signal }) => connectionReport(parts, signal));
      await documents.show('PanDA connection.txt', report);
    }),
  );
  return owned;
}
