import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_JOB, JavaThrowable, NO_SUCH_JOB_EXCEPTION } from '../../../../src/pipeline/rmi/index.ts';
import type { Job, JobControlRemote, JobStatus } from '../../../../src/pipeline/rmi/index.ts';
import type { SandboxControl } from '../../../../src/sandbox/index.ts';
import { until } from '../../../support/until.ts';
import { startMailServer } from '../mail/mailServer.ts';
import type { MailServer } from '../mail/mailServer.ts';
import { sandboxOf, startRunningDaemon } from './runningDaemon.ts';
import type { RunningDaemon } from './runningDaemon.ts';

/** A job of the pipeline with an identity of its own. */
function jobOf(instance: number, more: Partial<Job> = {}): Job {
  const env = new Map([
    ['PIPELINE_STREAM', '7'],
    ['PIPELINE_TASK', 'phosim'],
    ['PIPELINE_PROCESSINSTANCE', String(instance)],
    ...(more.env ?? []),
  ]);
  return { ...EMPTY_JOB, command: 'hello', ...more, env };
}

describe('desc-panda jobcontrold on the sandbox', () => {
  let folder: string;
  let control: SandboxControl;
  let daemon: RunningDaemon;
  let mails: MailServer;
  let config: string;
  let service: JobControlRemote;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jobcontrold-'));
    control = sandboxOf(folder);
    mails = await startMailServer();
    config = `state: ${folder}/state
users:
  glast: { profile: sandbox, prodUserName: lsst prod }
  desc: { profile: sandbox, service: PandaJobControlService }
rmi: { host: 127.0.0.1, publicHost: 127.0.0.1, port: 0 }
mail: { from: panda@example.org, to: pipeline@example.org, server: 127.0.0.1, port: ${mails.port} }
pollSeconds: 1
healthPort: 0
`;
    daemon = await startRunningDaemon(folder, control, config);
    service = await daemon.service('JobControlService-glast');
  });
  after(async () => {
    await daemon.end();
    await control.stop();
    await mails.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const reached = (id: string, status: JobStatus['status']): Promise<JobStatus> =>
    until(`job ${id} to be ${status}`, async () => {
      const found = await service.status(id);
      return found?.status === status ? found : undefined;
    });

  it('runs a transformation to its end', async () => {
    const id = await service.submit(jobOf(1, { command: 'hello -- --seconds 1' }));
    assert.match(id, /^\d+$/);
    const { user, cpuUsed, comment, queue, started, ended } = await reached(id, 'DONE');
    assert.deepEqual({ user, comment, queue }, { user: 'lsst prod', comment: 'finished', queue: 'SANDBOX' });
    assert.ok(cpuUsed >= 0 && (ended ?? 0) >= (started ?? Infinity));
    const found = await service.arrayStatus([id, '1']);
    assert.deepEqual(
      [...found].map(([key, status]) => [key, status?.status]),
      [
        [id, 'DONE'],
        ['1', undefined],
      ],
    );
  });

  it('runs a command with its files and environment', async () => {
    const odd = 'it\'s $HOME; `id` "\n';
    const job = jobOf(2, {
      command: 'bash pipeline_wrapper "two words"',
      workingDirectory: '/data/desc/7/2',
      logFile: 'the log.txt',
      env: new Map([['ODD', odd]]),
      files: new Map([
        ['pipeline_wrapper', 'printf "%s|%s|%s\\n" "$1" "$ODD" "$PIPELINE_PROCESSINSTANCE"\n'],
      ]),
    });
    const id = await service.submit(job);
    assert.equal(await service.submit(job), id, 'asked again it is the same job');
    await reached(id, 'DONE');
    const file = { spId: '70:2', workingDirectory: '/data/desc/7/2', name: 'the_log.txt' };
    assert.equal(await service.getFile(file), `two words|${odd}|2\n`);
    assert.match((await service.getFile({ ...file, name: 'pipeline_wrapper' })) ?? '', /^printf/);
    assert.match(
      (await service.getFile({ ...file, name: 'pipeline_summary' })) ?? '',
      /^ProcessInstance: 2$/m,
    );
    const pieces: Uint8Array[] = [];
    for await (const piece of await service.getFileStream(file)) pieces.push(piece);
    assert.equal(Buffer.concat(pieces).toString(), `two words|${odd}|2\n`);
    for (const other of [{ name: '../state' }, { spId: '70:3' }, { workingDirectory: '/data/desc/7/3' }]) {
      await assert.rejects(service.getFile({ ...file, ...other }), /Unable to validate access to file/);
    }
    await assert.rejects(service.getFile({ ...file, name: 'nothing' }), (error) => {
      return error instanceof JavaThrowable && error.is('java.io.FileNotFoundException');
    });
  });

  it('tells by mail that a job began and ended, with what it set', async () => {
    const script = 'echo "Pipeline.nImages: 189" >> "$PIPELINE_SUMMARY"; exit 3\n';
    const job = jobOf(5, { command: 'sh pipeline_wrapper', files: new Map([['pipeline_wrapper', script]]) });
    await service.submit({ ...job, workingDirectory: '/data/desc/5' });
    const both = await until('both mails', () =>
      Promise.resolve(
        [mails.received.filter(({ mail }) => mail.processInstance === '5')].find(
          ({ length }) => length === 2,
        ),
      ),
    );
    assert.deepEqual(
      both.map(({ from, to }) => [from, to]),
      [
        ['panda@example.org', ['pipeline@example.org']],
        ['panda@example.org', ['pipeline@example.org']],
      ],
    );
    const [start, end] = both.map(({ mail }) => mail);
    assert.equal(start?.kind, 'start');
    assert.equal(start.workDir, '/data/desc/5');
    assert.equal(start.logFile, '/data/desc/5/logFile.log');
    assert.ok(end?.kind === 'end' && end.exitCode === 3, JSON.stringify(end));
    assert.deepEqual([...end.variables], [['nImages', '189']]);
    assert.ok((end.endTime ?? 0) >= (start.startTime ?? Infinity));
  });

  it('cancels a job that runs', async () => {
    const id = await service.submit(jobOf(3, { command: 'hello -- --seconds 600' }));
    await reached(id, 'RUNNING');
    await service.cancel(id);
    const { comment } = await reached(id, 'FAILED');
    assert.match(comment ?? '', /cancelled/);
    await assert.rejects(
      service.cancel(id),
      (error) => error instanceof JavaThrowable && error.is(NO_SUCH_JOB_EXCEPTION),
    );
    await assert.rejects(service.status('77'), /Job id 77/);
  });

  it('serves several users, each with jobs of its own', async () => {
    const other = await daemon.service('PandaJobControlService-desc');
    const id = await other.submit(jobOf(1));
    assert.equal((await other.status(id))?.user, 'desc');
    await assert.rejects(service.status(id), /Job id/);
  });

  it('shows its figures', async () => {
    const started = daemon.log().find(({ event }) => event === 'started');
    const answer = await fetch(`http://127.0.0.1:${String(started?.healthPort)}/health`);
    const { status, users } = (await answer.json()) as {
      status: string;
      users: { jobSubmissionCount: number }[];
    };
    assert.equal(status, 'OK');
    assert.ok((users[0]?.jobSubmissionCount ?? 0) >= 4);
  });

  it('alone has its state', async () => {
    await assert.rejects(
      startRunningDaemon(folder, control, config.replace('port: 0', 'port: 1')),
      /ended with 6: Could not open the journal .* Another job control service has/,
    );
  });

  it('ends in order, and serves the references of before when it is back', async () => {
    const id = await service.submit(jobOf(6));
    await reached(id, 'DONE');
    const old = daemon;
    const { port } = old;
    assert.equal(await old.stop(), 0);
    assert.equal(old.log().at(-1)?.event, 'stopped');
    const before = service;
    daemon = await startRunningDaemon(folder, control, config);
    assert.equal(daemon.port, port);
    service = await daemon.service('JobControlService-glast');
    assert.equal((await service.status(id))?.status, 'DONE');
    assert.equal((await before.status(id))?.status, 'DONE');
    assert.equal(await before.submit(jobOf(6)), id);
    old.client.close();
  });

  it('says what is wrong with a job', async () => {
    await assert.rejects(service.submit(jobOf(4, { command: ' ' })), /Missing command/);
    await assert.rejects(
      service.submit({ ...jobOf(4), env: new Map() }),
      /PIPELINE_PROCESSINSTANCE is not set/,
    );
  });
});
