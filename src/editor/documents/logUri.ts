import type { LogFile } from '../../watch/index.ts';

/** What a log document shows. */
export interface LogAddress {
  readonly profile: string;
  readonly pandaId: number;
  readonly file: LogFile;
}

const files: readonly LogFile[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];

/** `/<profile>/<PandaID> payload.stdout.log`: its tab says which job, and its ending lets the editor colour it as a log. */
export function logPath({ profile, pandaId, file }: LogAddress): string {
  return `/${encodeURIComponent(profile)}/${pandaId} ${file}.log`;
}

/** Undefined for anything else: the path of a document can be typed by hand. */
export function parseLogPath(path: string): LogAddress | undefined {
  const [, profile, id, name] = /^\/([^/]+)\/(\d{1,16}) ([^/]+)\.log$/.exec(path) ?? [];
  const file = files.find((known) => known === name);
  if (profile === undefined || id === undefined || file === undefined) return undefined;
  try {
    return { profile: decodeURIComponent(profile), pandaId: Number(id), file };
  } catch {
    return undefined;
  }
}
