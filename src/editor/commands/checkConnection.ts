import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands, schemes } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { withViewProgress } from '../vscode/progress.ts';

/** The button that copies the report is shown for a document of this name. */
const NAME = 'PanDA connection.txt';

/** "Check connection": tries everything a profile needs, hop by hop, and shows what came of it as a document that fills. */
export function registerCheckConnection(parts: Parts, documents: TextDocuments): Disposable {
  const owned = createDisposables();
  let underWay = new AbortController();
  owned.add({ dispose: () => underWay.abort() });
  owned.add(
    parts.register(commands.checkConnection, async () => {
      // What an earlier call still tries is of no interest any more.
      underWay.abort();
      const stop = new AbortController();
      underWay = stop;
      const { writeConnectionReport } = await import('../report/connectionReport.ts');
      await documents.show(NAME, 'PanDA connection\n');
      await withViewProgress(({ signal }) =>
        writeConnectionReport(parts, AbortSignal.any([signal, stop.signal]), (text) => {
          if (underWay === stop) documents.update(NAME, text);
        }),
      );
    }),
  );
  owned.add(
    parts.register(commands.copyReport, async () => {
      const report = vscode.workspace.textDocuments.find(
        ({ uri }) => uri.scheme === schemes.text && uri.path === `/${NAME}`,
      );
      if (report === undefined)
        throw new NothingToDo('There is no report. Run “PanDA: Check connection” first.');
      await vscode.env.clipboard.writeText(report.getText());
      vscode.window.setStatusBarMessage('PanDA connection report copied', 3000);
    }),
  );
  return owned;
}
