import type { PilotJob } from './pilotJob.ts';

/** Facts of the place a payload runs at. */
export interface PayloadPlace {
  readonly platform: NodeJS.Platform;
  readonly user: string;
  readonly site: string;
  readonly pilotFolder: string;
  readonly workFolder: string;
  readonly serverUrl: string;
  readonly version: string;
}

const HARVESTER = 'desc-panda-sandbox';

/**
 * Exactly the environment a payload finds (variables of the PanDA pilot). It is built anew and holds nothing of the
 * pilot's own, so that a payload that works here does not depend on this account's settings.
 */
export function payloadEnvironment(job: PilotJob, place: PayloadPlace): Record<string, string> {
  const mac = place.platform === 'darwin';
  return {
    PANDAID: String(job.pandaId),
    PanDA_TaskID: String(job.taskId ?? 0),
    PANDA_JSID: `harvester-${HARVESTER}`,
    HARVESTER_ID: HARVESTER,
    HARVESTER_WORKER_ID: String(job.pandaId),
    GTAG: `${place.serverUrl}/storage/${job.pandaId}/pilotlog.txt`,
    PILOT_HOME: place.pilotFolder,
    PILOT_WORK_DIR: place.workFolder,
    PILOT_SITENAME: place.site,
    PILOT_USER: job.owner ?? place.user,
    PILOT_VERSION: place.version,
    PANDA_SERVER_URL: place.serverUrl,
    QUEUEDATA_SERVER_URL: place.serverUrl,
    STORAGEDATA_SERVER_URL: place.serverUrl,
    HOME: place.workFolder,
    TMPDIR: `${place.workFolder}/tmp`,
    USER: place.user,
    LOGNAME: place.user,
    SHELL: '/bin/sh',
    LANG: mac ? 'en_US.UTF-8' : 'C.UTF-8',
    PATH: [
      ...(mac ? ['/opt/homebrew/bin'] : []),
      '/usr/local/bin',
      '/usr/bin',
      '/bin',
      '/usr/sbin',
      '/sbin',
    ].join(':'),
  };
}
