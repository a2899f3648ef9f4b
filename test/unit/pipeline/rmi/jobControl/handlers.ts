import { noSuchJobException } from '../../../../../src/pipeline/rmi/index.ts';
import type { Job, JobControlHandlers, JobStatus } from '../../../../../src/pipeline/rmi/index.ts';

export const RUNNING: JobStatus = {
  id: '1',
  status: 'RUNNING',
  cpuUsed: 61,
  memoryUsed: 204_800,
  swapUsed: 0,
  host: 'wn0001.example.org',
  queue: 'SLAC_Rubin',
  user: 'desc',
  comment: 'café',
  submitted: Date.UTC(2026, 10, 23, 12),
  started: Date.UTC(2026, 10, 23, 13),
  ended: null,
};

export const PHOSIM: Job = {
  maxCPU: 3600,
  maxMemory: 2_000_000,
  name: 'phosim 7',
  command: 'bash pipeline_wrapper',
  workingDirectory: '/data/desc/7/12345678',
  archiveOldWorkingDir: '1',
  logFile: 'logfile.txt',
  extraOptions: '-R "rusage[scratch=4]"',
  priority: 'HIGH',
  env: new Map([
    ['PIPELINE_TASK', 'DESC-phosim'],
    ['PIPELINE_STREAM', '7'],
    ['EMPTY', ''],
    ['é', '😀\0'],
  ]),
  files: new Map([['pipeline_wrapper', '#!/bin/bash\nexec "$@"\n'.repeat(5000)]]),
};

/** Serves one job, 1, that runs; remembers what was asked. */
export function oneJob(asked: unknown[], more: Partial<JobControlHandlers> = {}): JobControlHandlers {
  return {
    submit: (job) => {
      asked.push(job);
      return Promise.resolve('1');
    },
    status: (id) =>
      id === '1' ? Promise.resolve(RUNNING) : Promise.reject(noSuchJobException(`Job id ${id}`)),
    arrayStatus: () => Promise.resolve(new Map([['1', RUNNING]])),
    cancel: (id) => {
      asked.push(id);
      return Promise.resolve();
    },
    getFile: (file) => {
      asked.push(file);
      return Promise.resolve('summary\n');
    },
    getFileStream: (file) => {
      asked.push(file);
      return Promise.resolve(logLines(2000));
    },
    ...more,
  };
}

export async function* logLines(count: number): AsyncGenerator<Buffer, void, void> {
  for (let line = 0; line < count; line++) yield Promise.resolve(Buffer.from(`line ${line} ${line ** 5}\n`));
}
