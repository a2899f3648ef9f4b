import { createConnection } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { EndMail, PipelineMail } from '../../../../src/pipeline/mail/pipelineMail.ts';
import { mailMessage } from '../../../../src/pipeline/mail/mailMessage.ts';
import { jobSubmissionException, noSuchJobException, RmiError } from '../../../../src/pipeline/rmi/index.ts';
import type { Job, JobControlRemote, JobStatus, Status } from '../../../../src/pipeline/rmi/index.ts';

const NOTHING: JobStatus = {
  id: null,
  status: null,
  cpuUsed: 0,
  memoryUsed: 0,
  swapUsed: 0,
  host: null,
  queue: null,
  user: null,
  comment: null,
  submitted: null,
  started: null,
  ended: null,
};

/** A job control service in memory, which knows process instances by their numbers as ours does. */
export class ScriptedDaemon implements JobControlRemote {
  readonly jobs = new Map<string, { job: Job; status: Status | null }>();
  readonly cancelled: string[] = [];
  /** Of calls of submit, also of those that were answered before. */
  submissions = 0;
  /** Answers of submit that are lost after the job was made. */
  loseAnswers = 0;
  refuse = /^$/;
  onSubmit: (id: string, job: Job) => void = () => undefined;

  submit(job: Job): Promise<string> {
    this.submissions += 1;
    if (this.refuse.test(job.command ?? '')) return Promise.reject(jobSubmissionException('not today'));
    const id = `9${job.env.get('PIPELINE_PROCESSINSTANCE') ?? ''}`;
    if (!this.jobs.has(id)) {
      this.jobs.set(id, { job, status: 'WAITING' });
      this.onSubmit(id, job);
    }
    if (this.loseAnswers === 0) return Promise.resolve(id);
    this.loseAnswers -= 1;
    return Promise.reject(new RmiError('lost', 'call submit', 'the connection broke'));
  }

  status(id: string): Promise<JobStatus | null> {
    const found = this.jobs.get(id);
    return found === undefined
      ? Promise.reject(noSuchJobException(id))
      : Promise.resolve({ ...NOTHING, id, status: found.status });
  }

  arrayStatus(ids: readonly string[]): Promise<ReadonlyMap<string, JobStatus | null>> {
    return Promise.resolve(
      new Map(
        ids.map((id) => {
          const status = this.jobs.get(id)?.status ?? null;
          return [id, status === null ? null : { ...NOTHING, id, status, comment: 'so it is' }];
        }),
      ),
    );
  }

  cancel(id: string): Promise<void> {
    this.cancelled.push(id);
    return Promise.resolve();
  }

  getFile(): Promise<string | null> {
    return Promise.resolve(null);
  }

  getFileStream(): Promise<AsyncIterable<Uint8Array>> {
    return Promise.reject(new Error('no files here'));
  }
}

export function processOf(job: Job): string {
  return job.env.get('PIPELINE_PROCESS') ?? '';
}

export function instanceOf(job: Job): string {
  return job.env.get('PIPELINE_PROCESSINSTANCE') ?? '';
}

export function startMail(processInstance: string): PipelineMail {
  return { kind: 'start', processInstance, host: 'wn7', startTime: 0, workDir: null, logFile: null };
}

export function endMail(
  processInstance: string,
  exitCode: number | null,
  more: Partial<EndMail> = {},
): EndMail {
  return {
    kind: 'end',
    processInstance,
    host: 'wn7',
    startTime: 0,
    workDir: null,
    logFile: null,
    endTime: 0,
    exitCode,
    elapsed: 1,
    user: 1,
    system: 0,
    variables: new Map(),
    substreams: [],
    ...more,
  };
}

/** Sends a mail by plain SMTP; gives the last answer. */
export async function sendMail(port: number, mail: PipelineMail | string): Promise<string> {
  const address = 'panda@example.org';
  const text =
    typeof mail === 'string'
      ? mail
      : mailMessage(mail, { from: address, to: address, date: 0, messageId: '1@example.org' });
  const socket = createConnection(port, '127.0.0.1');
  const lines = createInterface(socket);
  const answers: AsyncIterator<string, undefined> = lines[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    for (;;) {
      const next = await answers.next();
      if (next.done === true) return 'closed';
      if (/^\d{3} /.test(next.value)) return next.value;
    }
  };
  await answer();
  let last = '';
  for (const command of [
    'HELO test',
    `MAIL FROM:<${address}>`,
    `RCPT TO:<${address}>`,
    'DATA',
    `${text}\r\n.`,
  ]) {
    socket.write(`${command}\r\n`);
    last = await answer();
  }
  socket.end('QUIT\r\n');
  await once(socket, 'close');
  return last;
}
