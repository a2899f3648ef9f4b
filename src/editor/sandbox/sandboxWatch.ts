import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { profileName, SANDBOX_PROFILE } from '../profiles.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';

/** Notices when the sandbox is started, stopped or lost by somebody else: another window, the command line, a crash. */
export function registerSandboxWatch(parts: Parts): Disposable {
  const { sessions, contextKeys, settings } = parts;
  const owned = createDisposables();
  let checking: Promise<void> | undefined;
  const check = (): void => {
    checking ??= compare(parts)
      .catch(parts.errors.note)
      .finally(() => {
        checking = undefined;
      });
  };

  let watched: string | undefined;
  let watcher: vscode.FileSystemWatcher | undefined;
  /** Where its connection file comes and goes. */
  const watchFolder = async (): Promise<void> => {
    const { dataFolder } = await (await parts.sandbox()).status();
    if (dataFolder === watched || owned.disposed) return;
    watched = dataFolder;
    watcher?.dispose();
    const pattern = new vscode.RelativePattern(vscode.Uri.file(dataFolder), 'sandbox.json');
    watcher = vscode.workspace.createFileSystemWatcher(pattern);
    watcher.onDidCreate(check);
    watcher.onDidChange(check);
    watcher.onDidDelete(check);
  };
  owned.add({
    dispose() {
      watcher?.dispose();
    },
  });

  let session: Session | undefined;
  let subscription: Disposable | undefined;
  const follow = (): void => {
    const ours = profileName(settings) === SANDBOX_PROFILE;
    const settled = sessions.state.kind === 'open' || sessions.state.kind === 'sandboxStopped';
    if (ours && settled) watchFolder().catch(parts.errors.note);
    contextKeys.set(
      'descPanda.sandbox',
      !ours ? 'none' : sessions.current === undefined ? 'stopped' : 'running',
    );
    if (sessions.current === session) return;
    subscription?.dispose();
    session = sessions.current;
    subscription = session?.poller.onDidChangeStatus((status) => {
      if (status.kind === 'failing') check();
    });
  };
  owned.add(sessions.onDidChange(follow));
  owned.add({ dispose: () => subscription?.dispose() });
  follow();
  return owned;
}

/** Opens the session anew where the sandbox is not what the session takes it for. */
async function compare({ sessions, settings, sandbox }: Parts): Promise<void> {
  if (profileName(settings) !== SANDBOX_PROFILE) return;
  const { state } = sessions;
  if (state.kind !== 'open' && state.kind !== 'sandboxStopped') return;
  const { connection } = await (await sandbox()).status();
  const url = state.kind === 'open' ? state.session.profile.server : undefined;
  if (connection?.url !== url && sessions.state === state) await sessions.reopen();
}
