import { SANDBOX } from '../../panda/index.ts';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';

/** While a stopped sandbox is looked at, milliseconds between looks for one that somebody else started. */
const LOOK_EVERY = 2000;

/** Notices when the sandbox is started, stopped or lost by somebody else: another window, the command line, a crash. */
export function registerSandboxWatch(parts: Parts): Disposable {
  const { sessions, contextKeys, profiles } = parts;
  const owned = createDisposables();
  let session: Session | undefined;
  let subscription: Disposable | undefined;
  let timer: Disposable | undefined;
  let checking: Promise<void> | undefined;

  const check = (): void => {
    checking ??= compare(parts)
      .catch(parts.errors.note)
      .finally(() => {
        checking = undefined;
      });
  };
  /** A file watch would need a folder that may not be there yet. */
  const lookForStart = (): void => {
    timer?.dispose();
    if (sessions.state.kind !== 'sandboxStopped') return;
    timer = systemClock.after(LOOK_EVERY, () => {
      if (sessions.isLookedAt) check();
      lookForStart();
    });
  };
  const follow = (): void => {
    const ours = profiles.last?.name === SANDBOX;
    const { current } = sessions;
    contextKeys.set('descPanda.sandbox', !ours ? 'none' : current === undefined ? 'stopped' : 'running');
    lookForStart();
    if (current === session) return;
    subscription?.dispose();
    session = current;
    subscription = current?.poller.onDidChangeStatus((status) => {
      if (status.kind === 'failing') check();
    });
  };

  owned.add(sessions.onDidChange(follow));
  owned.add({
    dispose() {
      timer?.dispose();
      subscription?.dispose();
    },
  });
  follow();
  return owned;
}

/** Opens the session anew where the sandbox is not what the session takes it for. */
async function compare({ sessions, profiles, sandbox }: Parts): Promise<void> {
  if (profiles.last?.name !== SANDBOX) return;
  const { state } = sessions;
  if (state.kind !== 'open' && state.kind !== 'sandboxStopped') return;
  const { connection } = await (await sandbox()).status();
  const url = state.kind === 'open' ? state.session.profile.server : undefined;
  if (connection?.url !== url && sessions.state === state) await sessions.reopen();
}
