import { remoteMethod } from '../jrmp/methods.ts';

/** Interface of job control services, as stubs name it. */
export const JOB_CONTROL = 'org.srs.jobcontrol.JobControl';

const STRING = 'Ljava/lang/String;';

/** Its methods; what their Java classes are called is fixed by the pipeline's server. */
export const JOB_CONTROL_METHODS = {
  submit: remoteMethod('submit', `(Lorg/srs/jobcontrol/Job;)${STRING}`),
  status: remoteMethod('status', `(${STRING})Lorg/srs/jobcontrol/JobStatus;`),
  arrayStatus: remoteMethod('arrayStatus', '(Ljava/util/List;)Ljava/util/Map;'),
  cancel: remoteMethod('cancel', `(${STRING})V`),
  getFile: remoteMethod('getFile', `(${STRING}Ljava/io/File;${STRING})${STRING}`),
  getFileStream: remoteMethod(
    'getFileStream',
    `(${STRING}Ljava/io/File;${STRING})Lcom/healthmarketscience/rmiio/RemoteInputStream;`,
  ),
} as const;

export type JobControlMethodName = keyof typeof JOB_CONTROL_METHODS;
