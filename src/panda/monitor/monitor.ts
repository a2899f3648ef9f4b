import type { MonitorApi } from './api.ts';
import type { MonitorCaller } from './caller.ts';
import { debugTail } from './debug.ts';
import { errorDescriptions } from './errors.ts';
import { filesOfJob } from './files.ts';
import { jobPage, stateHistory } from './jobPage.ts';
import { findJobs, jobsByName, jobsOfUser } from './jobs.ts';
import { task, workflows } from './tasks.ts';

/** The part of the BigPanDA monitor's JSON that we use; read only. */
export function createMonitorApi(monitor: MonitorCaller): MonitorApi {
  return {
    jobsOfUser: (user, options = {}) => jobsOfUser(monitor, user, options),
    jobsByName: (names, options = {}) => jobsByName(monitor, names, options),
    findJobs: (query, options = {}) => findJobs(monitor, query, options),
    job: (pandaId, options = {}) => jobPage(monitor, pandaId, options),
    stateHistory: (pandaId, options = {}) => stateHistory(monitor, pandaId, options),
    errorDescriptions: (options = {}) => errorDescriptions(monitor, options),
    task: (taskId, options = {}) => task(monitor, taskId, options),
    workflows: (options = {}) => workflows(monitor, options),
    filesOfJob: (pandaId, options = {}) => filesOfJob(monitor, pandaId, options),
    debugTail: (pandaId, options = {}) => debugTail(monitor, pandaId, options),
    jobUrl: (pandaId) => `${monitor.base}/job/${pandaId}/`,
    taskUrl: (taskId) => `${monitor.base}/task/${taskId}/`,
    workflowUrl: (requestId) => `${monitor.base}/idds/?requestid=${requestId}`,
  };
}
