import type { StagingSettings } from '../panda/index.ts';
import { firstRunKey, outManifestKey, outputKey, WRAPPER_LOGS } from './keys.ts';
import type { AreaName } from './keys.ts';
import { livePieces } from './liveLog.ts';
import type { ManifestInput, ManifestPlan, PlannedRun } from './manifest.ts';

/** What one job of a submission needs of the store. */
export interface StagedJobNeeds {
  /** Within its submission, from 1. */
  readonly number: number;
  readonly inputs: readonly ManifestInput[];
  /** Names of what the payload leaves. */
  readonly outputs: readonly string[];
  readonly wallSeconds: number;
}

/** A job that the server runs again leaves its files apart from those of the first run. */
const RUNS = [1, 2] as const;
/** Streams of a running job whose pieces are put while it runs. */
const STREAMS = ['stdout', 'stderr'] as const;
/** Pieces of one stream at most: enough to follow a day's job. */
const MOST_PIECES = 60;
/** Each piece takes a URL of its own, some 500 bytes; so many for all jobs of a submission. */
const MOST_PIECES_OF_ALL = 40_000;

/** How many pieces of each stream a run of a job may put; none for a folder, where the log of the pilot is read as it grows. */
export function piecesPerStream(settings: StagingSettings, jobs: number): number {
  if (settings.kind === 'folder') return 0;
  return Math.min(MOST_PIECES, Math.floor(MOST_PIECES_OF_ALL / (RUNS.length * STREAMS.length * jobs)));
}

/** Everything that the manifest of a job has URLs for. */
export function planOfJob(area: AreaName, needs: StagedJobNeeds, pieces: number): ManifestPlan {
  const { number, inputs, outputs, wallSeconds } = needs;
  const named = [...outputs, ...WRAPPER_LOGS];
  const run = (attempt: (typeof RUNS)[number]): PlannedRun => {
    const own = { area, jobId: String(number), attempt };
    return {
      outputs: named.map((name) => ({ name, key: outputKey(own, name) })),
      outManifest: outManifestKey(own),
      live: pieces === 0 ? [] : livePieces(own, STREAMS, wallSeconds, pieces),
    };
  };
  const firstRun = firstRunKey({ area, jobId: String(number), attempt: 1 });
  return { inputs, firstRun, runs: [run(1), run(2)] };
}
