import { readFile } from 'node:fs/promises';
import type { SandboxConnection } from './api.ts';
import { parseObject } from './json.ts';

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/** Reads `sandbox.json`; undefined while there is none or it is not one. */
export async function readConnection(file: string): Promise<SandboxConnection | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return undefined;
    throw error;
  }
  const { url, token, pid, startedAt } = parseObject(text) ?? {};
  if (typeof url !== 'string' || typeof token !== 'string' || typeof pid !== 'number') return undefined;
  // The token goes nowhere but to this machine.
  if (!/^http:\/\/(127\.0\.0\.1|localhost):\d+$/u.test(url)) return undefined;
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { url, token, pid, startedAt: typeof startedAt === 'number' ? startedAt : 0 };
}
