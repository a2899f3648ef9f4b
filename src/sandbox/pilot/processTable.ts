import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** One process of this machine, as far as a pilot cares. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** With the pid, tells one process from a later one with the same pid. */
  readonly startedAt: string;
  /** Processor time of the process and of its children that it has waited for, seconds. */
  readonly cpuSeconds: number;
  readonly rssKB: number;
  readonly virtualKB: number;
}

/** Looks at the processes of this machine. */
export interface ProcessTable {
  /** All processes now; empty where they cannot be seen. */
  scan(): Promise<readonly ProcessRow[]>;
  /** What `startedAt` would say of one process; undefined when it is gone. */
  identify(pid: number): Promise<string | undefined>;
}

/** The table of this machine: `/proc` on Linux, `ps` elsewhere. */
export function createProcessTable(platform: NodeJS.Platform): ProcessTable {
  return platform === 'linux' ? linuxTable() : psTable();
}

/** Clock ticks of `/proc/<pid>/stat`: fixed at 100 per second in the kernel's interface to user space. */
const TICKS_PER_SECOND = 100;

function linuxTable(): ProcessTable {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const pageKB = findPageKB(boot);

  function row(pid: string): ProcessRow | undefined {
    try {
      return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), boot, pageKB);
    } catch {
      return undefined; // It ended meanwhile.
    }
  }

  return {
    scan: () => {
      const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
      return Promise.resolve(pids.map(row).filter((found) => found !== undefined));
    },
    identify: (pid) => Promise.resolve(row(String(pid))?.startedAt),
  };
}

/** Memory there is counted in pages, 4 to 64 kB by machine: our own size, known in bytes, gives the measure. */
function findPageKB(boot: string): number {
  const pages = parseProcStat(readFileSync('/proc/self/stat', 'utf8'), boot, 1)?.rssKB ?? 1;
  return 2 ** Math.round(Math.log2(process.memoryUsage.rss() / 1024 / pages));
}

/** Reads `/proc/<pid>/stat`; undefined for a zombie, which is no longer running anything. */
export function parseProcStat(stat: string, boot: string, pageKB: number): ProcessRow | undefined {
  // The name in brackets may hold blanks and brackets itself: the fields begin after the last one.
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const number = (index: number) => Number(fields[index - 3]);
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    pid: Number(stat.slice(0, stat.indexOf(' '))),
    parent: number(4),
    group: number(5),
    session: number(6),
    startedAt: `${boot}:${fields[22 - 3] ?? ''}`,
    cpuSeconds: (number(14) + number(15) + number(16) + number(17)) / TICKS_PER_SECOND,
    virtualKB: Math.round(number(23) / 1024),
    rssKB: number(24) * pageKB,
  };
}

const run = promisify(execFile);
const PS_COLUMNS = 'pid=,ppid=,pgid=,sess=,rss=,vsz=,time=,lstart=';

function psTable(): ProcessTable {
  async function ps(selection: readonly string[]): Promise<readonly ProcessRow[]> {
    try {
      const { stdout } = await run('/bin/ps', [...selection, '-o', PS_COLUMNS], {
        env: { LC_ALL: 'C' },
        timeout: 10_000,
        maxBuffer: 16 * 1024 * 1024,
      });
      return stdout.split('\n').flatMap((line) => parsePsLine(line) ?? []);
    } catch {
      return []; // No such process, or no ps that we understand: nothing is known.
    }
  }
  return {
    scan: () => ps(['-ax']),
    identify: async (pid) => (await ps(['-p', String(pid)]))[0]?.startedAt,
  };
}

/** Reads a line of `ps -o pid=,ppid=,pgid=,sess=,rss=,vsz=,time=,lstart=`; rss and vsz are kB there. */
export function parsePsLine(line: string): ProcessRow | undefined {
  const words = line.trim().split(/\s+/u);
  const [pid, parent, group, session, rss, virtual, time] = words;
  if (time === undefined || !/^\d+$/u.test(pid ?? '')) return undefined;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    // macOS prints sessions as addresses or 0: then the group has to do.
    session: Number(session) || Number(group),
    startedAt: words.slice(7).join(' '),
    cpuSeconds: parsePsTime(time),
    rssKB: Number(rss),
    virtualKB: Number(virtual),
  };
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in seconds. */
function parsePsTime(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number(days) * 86_400 + seconds;
}

/**
 * The processes of a payload: the session its shell leads, and whatever descends from it. `known` are those seen
 * before (pid to `startedAt`), so that a process that moved to a session of its own and lost its parent still counts.
 */
export function payloadProcesses(
  rows: readonly ProcessRow[],
  leader: number,
  known: ReadonlyMap<number, string>,
): readonly ProcessRow[] {
  const members = new Set<number>();
  const isMember = (row: ProcessRow) =>
    row.pid === leader ||
    row.session === leader ||
    row.group === leader ||
    members.has(row.parent) ||
    known.get(row.pid) === row.startedAt;
  // Parents mostly come before their children; the loop ends when a pass finds nobody new.
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const row of rows) if (isMember(row)) members.add(row.pid);
  }
  return rows.filter((row) => members.has(row.pid));
}
