import { setImmediate as nextTurn } from 'node:timers/promises';

import type { JobRecord, MonitorJob } from '../../../src/panda/index.ts';
import { decodeJob } from '../../../src/panda/wire/decode.ts';
import type { PollClient } from '../../../src/watch/index.ts';

/** A record as the client would hand it out. */
export function record(attributes: {
  readonly PandaID: number;
  readonly [name: string]: unknown;
}): JobRecord {
  const decoded = decodeJob({ jobStatus: 'running', ...attributes });
  if (decoded === null) throw new Error('Not a job');
  return decoded;
}

export interface Call {
  readonly kind: 'describe' | 'archive' | 'monitor' | 'isAlive';
  readonly pandaIds: readonly number[];
  readonly days?: number | undefined;
}

/** A server that answers what it is told to, and writes down what it was asked. */
export class ScriptedServer {
  readonly calls: Call[] = [];
  readonly jobs = new Map<number, JobRecord>();
  readonly archived = new Map<number, JobRecord>();
  monitorJobs: MonitorJob[] = [];
  /** Thrown by the next describe calls, one each. */
  readonly errors: Error[] = [];
  monitorError: Error | undefined;
  /** Set to hold answers back until it resolves. */
  gate: Promise<void> | undefined;
  underWay = 0;
  mostUnderWay = 0;

  readonly client: PollClient = {
    jobs: {
      describe: async (pandaIds, options = {}) => {
        const archive = options.archive === true;
        this.calls.push({ kind: archive ? 'archive' : 'describe', pandaIds });
        await this.#turn(options.signal);
        const error = this.errors.shift();
        if (error !== undefined) throw error;
        return pandaIds.map(
          (id) => this.jobs.get(id) ?? (archive ? this.archived.get(id) : undefined) ?? null,
        );
      },
    },
    system: {
      isAlive: async ({ signal } = {}) => {
        this.calls.push({ kind: 'isAlive', pandaIds: [] });
        await this.#turn(signal);
        const error = this.errors.shift();
        if (error !== undefined) throw error;
      },
    },
    monitor: {
      jobsOfUser: async (user, options = {}) => {
        this.calls.push({ kind: 'monitor', pandaIds: [], days: options.days });
        await this.#turn(options.signal);
        if (this.monitorError !== undefined) throw this.monitorError;
        return user === 'me' ? this.monitorJobs : [];
      },
    },
  };

  /** The calls since the last time this was asked. */
  take(): readonly Call[] {
    return this.calls.splice(0);
  }

  set(pandaId: number, jobStatus: string, more: Readonly<Record<string, unknown>> = {}): void {
    this.jobs.set(pandaId, record({ PandaID: pandaId, jobStatus, ...more }));
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      await nextTurn();
      if (this.gate !== undefined) {
        await Promise.race([
          this.gate,
          new Promise((_, reject) => signal?.addEventListener('abort', () => reject(toReason(signal)))),
        ]);
      }
      signal?.throwIfAborted();
    } finally {
      this.underWay -= 1;
    }
  }
}

function toReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
