import { corePowerOf } from './sites.ts';
import type { ServerContext } from './context.ts';
import { decideEnding } from './rules/adder.ts';
import { giveUp, patienceOf, WATCHED_STATES, type Patience } from './rules/lostHeartbeat.ts';

/** The work nobody asks for, each step to be taken again and again; all of it goes on where it was after a restart. */
export interface Background {
  /** Activates jobs that are `defined`. Returns in how many ms to call again; undefined when nothing is left. */
  readonly setUp: () => number | undefined;
  /** Ends jobs whose report is at least `age` ms old. Returns in how many ms to call again, as above. */
  readonly addOutputs: (age: number) => number | undefined;
  /** Gives up jobs whose pilot is silent. `interval`: ms between two calls. */
  readonly watch: (interval: number) => void;
  readonly heard: (pandaId: number) => void;
}

/** Jobs per step: no request waits longer than one step takes. */
const STEP = 250;

type Parts = Pick<ServerContext, 'store' | 'now' | 'uuid'> & {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  readonly patience: Patience;
};

export function createBackground({ store, now, uuid, monotonic, patience }: Parts): Background {
  const silence = createSilenceMeter(monotonic);
  return {
    setUp: () => {
      const ids = store.rows(`SELECT PandaID FROM jobs WHERE jobStatus = 'defined' LIMIT ${STEP}`);
      if (ids.length === 0) return undefined;
      const time = now();
      store.repeatable(() => {
        store.updateAll(
          ids.map(([id]) => Number(id)),
          { jobStatus: 'activated', modificationTime: time, stateChangeTime: time },
          time,
        );
        for (const [id] of ids) {
          store.run(`UPDATE files SET GUID = ? WHERE PandaID = ? AND type = 'log'`, uuid(), Number(id));
        }
      });
      return ids.length === STEP ? 0 : undefined;
    },
    addOutputs: (age) => {
      const time = now();
      // A report of the future was written before the clock was put back.
      const due = store.rows(
        `SELECT PandaID, jobStatus, report FROM reports WHERE time <= ? OR time > ? ORDER BY time LIMIT ${STEP}`,
        time - age,
        time,
      );
      store.transaction(() => {
        for (const [id, said, report] of due) {
          endJob({ store, now }, Number(id), said === 'finished' ? 'finished' : 'failed', String(report));
        }
      });
      const next = store.rows('SELECT min(time) FROM reports')[0]?.[0];
      return typeof next === 'number' ? Math.min(Math.max(next + age - now(), 0), age) : undefined;
    },
    watch: (interval) => {
      silence.tick(interval);
      const states = WATCHED_STATES.map((state) => `'${state}'`).join(', ');
      const watched = store.rows(`SELECT PandaID, jobStatus FROM jobs WHERE jobStatus IN (${states})
        AND PandaID NOT IN (SELECT PandaID FROM reports)`);
      silence.keepOnly(new Set(watched.map(([id]) => Number(id))));
      const lost = watched
        .filter(([id, state]) => silence.of(Number(id)) > (patienceOf(patience, String(state)) ?? Infinity))
        .flatMap(([id]) => store.job(Number(id)) ?? []);
      if (lost.length === 0) return;
      store.transaction(() => {
        for (const job of lost) {
          const time = now();
          store.update(job, giveUp(job, time), time);
          store.run(
            `UPDATE files SET status = 'failed' WHERE PandaID = ? AND type IN ('output', 'log')`,
            job.PandaID,
          );
        }
      });
    },
    heard: (pandaId) => silence.heard(pandaId),
  };
}

function endJob(
  { store, now }: Pick<Parts, 'store' | 'now'>,
  pandaId: number,
  said: 'finished' | 'failed',
  report: string,
): void {
  store.run('DELETE FROM reports WHERE PandaID = ?', pandaId);
  const job = store.job(pandaId);
  if (job === undefined || (job.jobStatus !== 'holding' && job.jobStatus !== 'transferring')) return;
  const time = now();
  const ending = decideEnding(job, store.files(pandaId), said, report, {
    corePower: corePowerOf(),
    now: time,
  });
  store.update(job, ending.changes, time);
  for (const [row, changes] of ending.files) store.updateFile(row, changes);
}

/**
 * How long each job has been silent, in time during which this process was awake. A laptop that slept, a process that
 * was stopped, a wall clock that jumped, or a restart, makes no job look lost: the time between two ticks counts for
 * little more than it was meant to be.
 */
function createSilenceMeter(monotonic: () => number) {
  let awake = 0;
  let last = monotonic();
  const heardAt = new Map<number, number>();
  return {
    tick: (interval: number): void => {
      const time = monotonic();
      awake += Math.min(time - last, 2 * interval);
      last = time;
    },
    heard: (pandaId: number): void => {
      heardAt.set(pandaId, awake);
    },
    /** Milliseconds; a job not heard of yet counts from now. */
    of: (pandaId: number): number => {
      const heard = heardAt.get(pandaId);
      if (heard === undefined) heardAt.set(pandaId, awake);
      return awake - (heard ?? awake);
    },
    keepOnly: (pandaIds: ReadonlySet<number>): void => {
      for (const id of heardAt.keys()) if (!pandaIds.has(id)) heardAt.delete(id);
    },
  };
}
