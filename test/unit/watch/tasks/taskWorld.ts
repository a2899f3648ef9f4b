import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PandaError } from '../../../../src/panda/index.ts';
import type { Profile, TaskSubmitOutcome, TaskSummary } from '../../../../src/panda/index.ts';
import { sandboxProfile } from '../../../../src/sandbox/index.ts';
import { createTaskJournal, systemClock } from '../../../../src/watch/index.ts';
import type { NewTask, SubmitTaskDeps } from '../../../../src/watch/index.ts';
import { fastClock } from '../submission/plans.ts';

export const PROFILE: Profile = {
  name: 'test',
  server: 'https://panda.example.org',
  cache: 'https://panda.example.org',
  monitor: undefined,
  authentication: { kind: 'none' },
  user: 'jane',
  vo: 'lsst',
  prodSourceLabel: 'user',
  workingGroup: undefined,
  cloud: undefined,
  defaultSite: 'SITE',
} as Profile;

/** The profile of a sandbox server that runs. */
export function sandboxProfileOf(url: string, token: string): Profile {
  return sandboxProfile({ url, token, pid: 1, startedAt: 0 }, 'jane', '/nowhere');
}

export const TASK: NewTask = {
  name: 'shear',
  archive: { name: 'jobO.x.tar.gz', content: Buffer.from('packed') },
  processingType: 'script',
  command: ['./run.sh'],
  outputs: ['out.txt'],
  split: { kind: 'jobs', jobs: 2 },
  site: undefined,
  resources: { cores: 1, memoryMB: 2000, diskMB: 2000, walltimeSeconds: 3600 },
  maxAttempt: 3,
  cliParams: 'a test',
  osInfo: 'test',
};

/** A server's answers to submissions in turn, and the tasks that it then has. */
export type Answer = TaskSubmitOutcome | Error;

export const ACCEPTED: TaskSubmitOutcome = { kind: 'accepted', taskId: 7, message: 'jediTaskID=7' };

export function trouble(facts: { readonly mayHaveActed?: boolean; readonly passing?: boolean }): PandaError {
  return new PandaError({
    kind: 'unreachable',
    tried: 'submit it',
    cameBack: 'nothing',
    advice: 'Try again',
    ...facts,
  });
}

export const LOST = trouble({ mayHaveActed: true });

export interface TaskWorld {
  readonly deps: SubmitTaskDeps;
  readonly folder: string;
  readonly asked: string[];
  /** Names of tasks that the server lists, with their ids. */
  readonly listed: Map<string, number>;
  /** Whether the cache still has archives. */
  cacheHas: boolean;
}

const folders: string[] = [];

/** A journal in a folder of its own, or of another world, as a second window has it. */
export async function taskWorld(answers: readonly Answer[], of?: TaskWorld): Promise<TaskWorld> {
  const folder = of?.folder ?? (await mkdtemp(join(tmpdir(), 'tasks-')));
  if (of === undefined) folders.push(folder);
  const asked: string[] = [];
  const listed = of?.listed ?? new Map<string, number>();
  const left = [...answers];
  const clock = fastClock();
  const world: TaskWorld = {
    folder,
    asked,
    listed,
    cacheHas: true,
    deps: {
      client: {
        files: {
          ensureCacheFile: async (name) => void asked.push(`cache ${name}`),
          touchCacheFile: async (name) => {
            asked.push(`touch ${name}`);
            return world.cacheHas;
          },
        },
        tasks: {
          submit: async () => {
            asked.push('submit');
            const answer = left.shift();
            if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
            return answer;
          },
          getTasksModifiedSince: async () => {
            asked.push('list');
            return [...listed].map(([name, taskId]) => ({ name, taskId }) as TaskSummary);
          },
        },
      },
      profile: PROFILE,
      // Locks are held in real time.
      tasks: createTaskJournal(folder, { clock: systemClock }),
      clock,
      random: () => 0.5,
    },
  };
  return world;
}

export async function removeTaskWorlds(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}
