import { createDisposables, formatCount, type Disposable } from '../../watch/index.ts';
import { isFinal, SANDBOX } from '../../panda/index.ts';
import { commands } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { nameInUse } from '../profiles.ts';
import { confirm } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { writeSetting } from '../vscode/settings.ts';

/** Start and stop of the sandbox. Starting it also switches to its profile: that is what one starts it for. */
export function registerSandboxCommands(parts: Parts): Disposable {
  const owned = createDisposables();
  const { register, sessions, profiles } = parts;
  owned.add(
    register(commands.startSandbox, async () => {
      const name = await nameInUse(profiles);
      if (name !== SANDBOX) {
        const question = `Switch from ${name} to the sandbox?`;
        const detail = 'The views show the jobs of one profile at a time. Nothing happens to your jobs.';
        if (!(await confirm(question, 'Switch and start', detail))) return;
        await writeSetting('profile', SANDBOX);
      }
      await withViewProgress(({ report }) => sessions.require({ onProgress: report }));
    }),
  );
  owned.add(
    register(commands.stopSandbox, async () => {
      const control = await parts.sandbox();
      const status = await control.status();
      if (!status.running) throw new NothingToDo('The sandbox is not running.');
      const unfinished = Object.entries(status.jobs ?? {}).reduce(
        (sum, [state, count]) => (isFinal(state) ? sum : sum + count),
        0,
      );
      if (unfinished > 0) {
        const jobs = unfinished === 1 ? '1 job has' : `${formatCount(unfinished)} jobs have`;
        const detail = `${jobs} not ended. What runs now is stopped; what waits goes on when the sandbox is started again.`;
        if (!(await confirm('Stop the sandbox?', 'Stop sandbox', detail))) return;
      }
      await withViewProgress(() => control.stop());
      if (profiles.last?.name === SANDBOX) await sessions.reopen();
    }),
  );
  return owned;
}
