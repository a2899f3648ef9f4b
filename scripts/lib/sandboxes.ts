import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Stops sandboxes that tests left running below a folder: they are processes of their own. */
export async function stopSandboxesBelow(folder: string): Promise<void> {
  const pids: number[] = [];
  for await (const file of glob('**/sandbox.json', { cwd: folder })) {
    const pid = await sandboxPid(join(folder, file));
    if (pid !== undefined) pids.push(pid);
  }
  for (const pid of pids) signal(pid, 'SIGTERM');
  const deadline = performance.now() + 10_000;
  while (pids.some((pid) => signal(pid, 0)) && performance.now() < deadline) await sleep(100);
  for (const pid of pids) signal(pid, 'SIGKILL');
}

async function sandboxPid(file: string): Promise<number | undefined> {
  try {
    const connection: unknown = JSON.parse(await readFile(file, 'utf8'));
    const pid =
      typeof connection === 'object' && connection !== null && 'pid' in connection ? connection.pid : 0;
    return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    // Gone in the meantime, or half written: nothing of ours runs there.
    return undefined;
  }
}

/** False where there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
