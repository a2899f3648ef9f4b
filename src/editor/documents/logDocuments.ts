import * as vscode from 'vscode';
import { PandaError } from '../../panda/index.ts';
import { findJobRecord } from '../../watch/index.ts';
import type { LogSource } from '../../watch/index.ts';
import { schemes } from '../contributions.ts';
import { errorText } from '../errorText.ts';
import type { Session, Sessions } from '../session.ts';
import { parseLogPath, type LogAddress } from './logUri.ts';

/** Logs as read-only documents: search, folding and copy for nothing. */
export function registerLogDocuments(sessions: Sessions): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(schemes.log, {
    async provideTextDocumentContent(uri, token) {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      try {
        return await readDocument(uri.path, sessions, controller.signal);
      } catch (error) {
        // A document that comes back with a reloaded window has nobody else to tell.
        const text = errorText(error);
        return text === undefined ? '' : [text.message, text.advice].join('\n');
      }
    },
  });
}

async function readDocument(path: string, sessions: Sessions, signal: AbortSignal): Promise<string> {
  const address = parseLogPath(path);
  if (address === undefined) return 'This is the address of no log.';
  const session = await sessions.open();
  if (session?.profile.name !== address.profile) {
    return `This log belongs to the profile ${address.profile}, which is not in use.\nSwitch to it, and open the log again.`;
  }
  const { readLogText } = await import('./logText.ts');
  const source = await logSource(address, session, signal);
  return (await readLogText(source, address.file, { signal })).text;
}

async function logSource({ pandaId }: LogAddress, session: Session, signal: AbortSignal): Promise<LogSource> {
  const tried = `read the log of job ${pandaId}`;
  const record = await findJobRecord(session.client, pandaId, { signal });
  if (record === null) {
    throw new PandaError({
      kind: 'notFound',
      tried,
      cameBack: 'PanDA does not know this job',
      advice: 'Check the PandaID',
    });
  }
  const source = session.findLog(record);
  if (source === undefined) {
    const advice = 'Open the job in the monitor, or wait until a pilot has taken it';
    throw new PandaError({ kind: 'notFound', tried, cameBack: 'no pilot said where it is', advice });
  }
  return source;
}
