import type { StagingSettings } from '../panda/index.ts';
import { outManifestKey, outputKey, WRAPPER_LOGS } from './keys.ts';
import type { AreaName } from './keys.ts';
import { livePieces } from './liveLog.ts';
import type { ManifestInput, ManifestPlan } from './manifest.ts';

/** What one job of a submission needs of the store. */
export interface StagedJobNeeds {
  /** Within its submission, from 1. */
  readonly number: number;
  readonly inputs: readonly ManifestInput[];
  /** Names of what the payload leaves. */
  readonly outputs: readonly string[];
  readonly wallSeconds: number;
}

/** Streams of a running job whose pieces are put while it runs. */
const STREAMS = ['stdout', 'stderr'] as const;
/** Pieces of one stream at most: enough to follow a day's job. */
const MOST_PIECES = 60;
/** Each piece takes a URL of its own, some 500 bytes; so many for all jobs of a submission. */
const MOST_PIECES_OF_ALL = 40_000;

/** How many pieces of each stream a job may put; none for a folder, where the log of the pilot is read as it grows. */
export function piecesPerStream(settings: StagingSettings, jobs: number): number {
  if (settings.kind === 'folder') return 0;
  return Math.min(MOST_PIECES, Math.floor(MOST_PIECES_OF_ALL / (STREAMS.length * jobs)));
}

/** Everything that the manifest of a job has URLs for. */
export function planOfJob(area: AreaName, needs: StagedJobNeeds, pieces: number): ManifestPlan {
  const { number, inputs, outputs, wallSeconds } = needs;
  const attempt = { area, jobId: String(number), attempt: 1 };
  const named = [...outputs, ...WRAPPER_LOGS];
  return {
    inputs,
    outputs: named.map((name) => ({ name, key: outputKey(attempt, name) })),
    outManifest: outManifestKey(attempt),
    live: pieces === 0 ? [] : livePieces(attempt, STREAMS, wallSeconds, pieces),
  };
}
