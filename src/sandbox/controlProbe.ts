import { request } from 'node:http';
import type { SandboxConnection } from './api.ts';
import { readConnection } from './connectionFile.ts';
import { folderError } from './controlError.ts';
import { isObject, parseObject } from './json.ts';

/** What stands behind a `sandbox.json`. */
export type Found =
  | { readonly kind: 'answering'; readonly connection: SandboxConnection }
  /** Its process is there but does not answer in time. */
  | { readonly kind: 'silent'; readonly connection: SandboxConnection }
  | { readonly kind: 'none' };

const ANSWER_MS = 3_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** Longest window of the statistics, minutes. */
const WEEK = 10_080;

/**
 * Finds the sandbox that a connection file names. A file left by a crash is seen through: its process is gone, or
 * whoever has the pid or the port now does not take the token. The token is sent only where our own process lives.
 */
export async function findSandbox(connectionFile: string): Promise<Found> {
  const connection = await readConnection(connectionFile).catch((error: unknown) => {
    throw folderError(connectionFile, error);
  });
  if (connection === undefined || !isProcess(connection.pid)) return { kind: 'none' };
  const answer = await ask(connection, 'system/is_alive');
  if (answer === 'silent') return { kind: 'silent', connection };
  return answer?.success === true ? { kind: 'answering', connection } : { kind: 'none' };
}

/** Jobs of a running sandbox by state; undefined when it does not say. */
export async function countJobs(connection: SandboxConnection): Promise<Record<string, number> | undefined> {
  const path = `statistics/job_stats_by_site_and_resource_type?time_window=${WEEK}`;
  const answer = await ask(connection, path);
  // A server without jobs answers that its statistics failed, with empty data.
  if (answer === 'silent' || !isObject(answer?.data)) return undefined;
  const counts: Record<string, number> = {};
  const leaves = Object.values(answer.data).flatMap((site) => (isObject(site) ? Object.values(site) : []));
  for (const states of leaves) {
    for (const [state, count] of Object.entries(isObject(states) ? states : {})) {
      if (typeof count === 'number' && count > 0) counts[state] = (counts[state] ?? 0) + count;
    }
  }
  return counts;
}

/** True while a process of ours has this pid. */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // Gone, or somebody else's.
  }
}

/** Asks a read-only method; undefined for anything but PanDA's envelope. */
function ask(
  { url, token }: SandboxConnection,
  path: string,
): Promise<Readonly<Record<string, unknown>> | 'silent' | undefined> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const headers = { Accept: 'application/json', Authorization: `Bearer ${token}`, Origin: 'lsst' };
    const call = request(`${url}/api/v1/${path}`, { headers, signal, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) answer.destroy();
      });
      answer.on('error', () => resolve(signal.aborted ? 'silent' : undefined));
      answer.on('close', () => resolve(answer.statusCode === 200 ? parseObject(text) : undefined));
    });
    call.on('error', () => resolve(signal.aborted ? 'silent' : undefined));
    call.end();
  });
}
