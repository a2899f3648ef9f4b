import type { ErrorTable } from './advice.ts';

/** Errors that the server's own parts report. */
export const TASK_BUFFER_ERRORS: ErrorTable = {
  100: ['Killed', 'cancelled'],
  101: ['Its files were not transferred in time', 'again'],
  102: ['It waited too long and expired', 'elsewhere'],
  103: ['Aborted', 'cancelled'],
  105: ['Given to another site by the brokerage', 'nothing'],
  106: ['Tried again by the server, as a new job', 'nothing'],
  107: ['Tried again by the pilot, as a new job', 'nothing'],
  111: ['The event service made a new attempt', 'nothing'],
  112: ['The event service went on to merge', 'nothing'],
  113: ['Merging the events failed', 'operators'],
  114: ['The events were tried as often as allowed', 'log'],
  115: ['It waits for other jobs of the event service', 'nothing'],
  116: ['The event service did not need it', 'nothing'],
  117: ['Some events were not processed', 'nothing'],
  118: ['Some events were not processed', 'nothing'],
  119: ['All events failed', 'log'],
  120: ['Killed by the event service, as planned', 'nothing'],
  121: ['Killed by the event service, not as planned', 'operators'],
  122: ['Pushed aside for another job', 'nothing'],
  123: ['It got no events', 'nothing'],
  124: ['Its input does not fit together', 'input'],
  125: ['No queue takes event service jobs', 'operators'],
  126: ['It was in a state it must not be in', 'operators'],
  130: ['Given to another site at once', 'nothing'],
  200: ['Another copy of the job was faster', 'nothing'],
  300: ['The batch worker ended before the job did', 'again'],
  403: ['It is not allowed', 'operators'],
  404: ['Something it needs was not found', 'operators'],
};

export const JOB_DISPATCHER_ERRORS: ErrorTable = {
  100: ['The pilot was not heard of any more', 'elsewhere'],
  101: ['Bringing back a lost job failed', 'again'],
  102: ['The pilot took the job and never answered', 'elsewhere'],
  103: ['Its outputs were not registered in time', 'again'],
  104: ['Its outputs were not transferred in time', 'again'],
  105: ['It stayed too long in one state', 'again'],
};

export const DDM_ERRORS: ErrorTable = {
  100: ['Preparing its data sets failed', 'operators'],
  101: ['The identifiers of its files could not be handled', 'operators'],
  200: ['Its outputs could not be registered', 'output'],
  201: ['Its data set could not be subscribed', 'operators'],
  202: ['The place of its data set could not be registered', 'operators'],
  203: ['The place of its data set could not be changed', 'operators'],
  204: ['The number of events in its output is missing', 'output'],
  205: ['An output has two different identifiers', 'operators'],
  206: ['The storage named for its output does not exist', 'site'],
};

export const SUPERVISOR_ERRORS: ErrorTable = {
  1: ['The id of its batch worker is not valid', 'operators'],
  2: ['Its batch worker had ended already', 'again'],
};
