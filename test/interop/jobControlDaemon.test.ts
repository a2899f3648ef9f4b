import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { JavaPipeline, jobWords, throws } from './javaPipeline.ts';
import type { JobWords, SeenStatus } from './javaPipeline.ts';
import { compileJava } from './javaPrograms.ts';
import { jobOf, SERVICE, startSite } from './jobControlDaemon.ts';
import type { DaemonProcess, Site } from './jobControlDaemon.ts';
import { jdk } from './programs/jdk.ts';
import { rmiio } from './programs/rmiio.ts';
import { usePrograms } from './usePrograms.ts';

type Statuses = readonly (readonly [id: string, status: SeenStatus | null])[];

const SRS = 'org.srs.jobcontrol.';

describe('A pipeline in Java with desc-panda jobcontrold on the sandbox', () => {
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();
  let site: Site;
  let daemon: DaemonProcess;
  let pipeline: JavaPipeline;

  before(async () => {
    const programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    site = await startSite(later);
    daemon = site.daemon();
    pipeline = new JavaPipeline(programs, await daemon.start(), SERVICE);
    later(() => pipeline.end());
  });

  const folderOf = (instance: number): string => join(site.workFolder, String(instance));
  const job = (instance: number, more: JobWords = {}): JobWords => ({
    ...jobOf(site, instance),
    'file.pipeline_wrapper': 'seq 1 300000\n',
    ...more,
  });
  const reached = (id: string, status: string): Promise<SeenStatus> =>
    until(`job ${id} to be ${status}`, async () => {
      const found = await pipeline.status(id);
      return found.status === status ? found : undefined;
    });
  describe('that runs a job', () => {
    let id: string;

    it('submits it, and asks until it is done', async () => {
      id = await pipeline.submit(job(1));
      assert.match(id, /^\d+$/);
      const { user, queue, comment, host, submitted, started, ended } = await reached(id, 'DONE');
      assert.deepEqual(
        { user, queue, comment },
        { user: 'lsst prod', queue: 'SANDBOX', comment: 'finished' },
      );
      assert.ok(host !== null && submitted !== null && started !== null && ended !== null);
      assert.ok(submitted <= ended && started <= ended);
    });

    it('asks for many, of which some are unknown', async () => {
      const found = (await pipeline.call('arrayStatus', '77', id, 'x')) as Statuses;
      assert.deepEqual(
        found.map(([key, status]) => [key, status?.status]),
        [
          ['77', undefined],
          [id, 'DONE'],
          ['x', undefined],
        ],
      );
    });

    it('fetches its files', async () => {
      const place = ['7:1', folderOf(1)] as const;
      assert.equal(await pipeline.call('getFile', ...place, 'pipeline_wrapper'), 'seq 1 300000\n');
      assert.match(
        (await pipeline.call('getFile', ...place, 'pipeline_summary')) as string,
        /^ProcessInstance: 1$/m,
      );
      const log = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join('');
      assert.deepEqual(await pipeline.call('getFileStream', ...place, 'logFile.txt'), {
        length: log.length,
        sha256: createHash('sha256').update(log).digest('hex'),
      });
    });

    it('cancels one, and cannot cancel what has ended', async () => {
      const long = await pipeline.submit(job(2, { 'file.pipeline_wrapper': 'sleep 600\n' }));
      await reached(long, 'RUNNING');
      assert.equal(await pipeline.call('cancel', long), null);
      assert.match((await reached(long, 'FAILED')).comment ?? '', /cancelled/);
      await throws(pipeline.call('cancel', long), `${SRS}NoSuchJobException`, `No such job, id=${long}`);
      await throws(pipeline.call('cancel', id), `${SRS}NoSuchJobException`, `No such job, id=${id}`);
    });
  });

  describe('that asks for what cannot be', () => {
    const SUBMISSION = `${SRS}JobSubmissionException`;

    it('is told what is wrong with a job', async () => {
      const without = Object.entries(job(10)).filter(([key]) => key !== 'command');
      await throws(pipeline.submit(Object.fromEntries(without)), SUBMISSION, 'Missing command');
      await throws(pipeline.submit(job(10, { command: '' })), SUBMISSION, 'Missing command');
      await throws(
        pipeline.submit(job(10, { 'env.PIPELINE_PROCESSINSTANCE': '' })),
        SUBMISSION,
        /PIPELINE_PROCESSINSTANCE is not set/,
      );
      await throws(pipeline.submit(job(10, { 'file.../out': 'x' })), SUBMISSION, /outside of its directory/);
    });

    it('is told what is wrong with a working directory', async () => {
      await throws(pipeline.submit(job(11, { currentDirectory: '/etc/desc' })), SUBMISSION, /is not below/);
      await throws(
        pipeline.submit(job(11, { currentDirectory: join(site.workFolder, '..', 'other') })),
        SUBMISSION,
        /is not below/,
      );
      await writeFile(join(site.workFolder, 'file'), '');
      await throws(
        pipeline.submit(job(11, { currentDirectory: join(site.workFolder, 'file', '11') })),
        SUBMISSION,
        /^Could not (?:create working directory|look at) /,
      );
      await mkdir(folderOf(11));
      await writeFile(join(folderOf(11), 'pipeline_wrapper'), 'old');
      await throws(pipeline.submit(job(11)), SUBMISSION, /already exists, not replaced$/);
    });

    it('is told of jobs that nobody knows', async () => {
      for (const id of ['77', '', 'x', '1e3']) {
        await throws(pipeline.status(id), `${SRS}NoSuchJobException`, `Job id ${id}`);
        await throws(pipeline.call('cancel', id), `${SRS}NoSuchJobException`, `No such job, id=${id}`);
      }
    });

    it('gets no files but those of the job that it names', async () => {
      await pipeline.submit(job(12, { 'file.pipeline_spid': '7:12\n' }));
      const denied = async (why: string, ...words: readonly string[]): Promise<void> => {
        for (const method of ['getFile', 'getFileStream']) {
          const outcome = await pipeline.outcome(method, ...words);
          assert.deepEqual(outcome, {
            thrown: [
              { class: `${SRS}JobControlException`, message: 'Unable to validate access to file' },
              { class: 'java.lang.SecurityException', message: why },
            ],
          });
        }
      };
      await denied('The spid is invalid', '7:13', folderOf(12), 'pipeline_wrapper');
      await denied('The spid is invalid', '8:12', folderOf(12), 'pipeline_wrapper');
      await denied('The spid is invalid', '7:12', site.workFolder, 'pipeline_wrapper');
      await denied('The filename is invalid', '7:12', folderOf(12), '../1/pipeline_wrapper');
      await denied('The filename is invalid', '7:12', folderOf(12), '/etc/passwd');
      const place = ['7:12', folderOf(12)] as const;
      assert.equal(await pipeline.call('getFile', ...place, 'pipeline_spid'), '7:12\n');
      for (const method of ['getFile', 'getFileStream']) {
        await throws(
          pipeline.call(method, ...place, 'nothing'),
          'java.io.FileNotFoundException',
          'Summary file does not exist.',
        );
      }
    });
  });

  describe('of many clients at once', () => {
    it('runs a job of each', async () => {
      const submitted = await pipeline.atOnce(
        20,
        'submit',
        ...jobWords(
          job(0, { currentDirectory: join(site.workFolder, '10%n'), 'file.pipeline_wrapper': 'true\n' }),
        ),
        'env.PIPELINE_PROCESSINSTANCE=10%n',
      );
      const ids = submitted.map((outcome) =>
        'ok' in outcome ? String(outcome.ok) : assert.fail(JSON.stringify(outcome)),
      );
      assert.equal(new Set(ids).size, 20);
      const asked = await pipeline.atOnce(20, 'arrayStatus', ...ids);
      for (const outcome of asked) {
        const statuses = 'ok' in outcome ? (outcome.ok as Statuses) : assert.fail(JSON.stringify(outcome));
        assert.deepEqual(
          statuses.map(([key, status]) => [key, status?.id]),
          ids.map((id) => [id, id]),
        );
      }
      for (const id of ids) await reached(id, 'DONE');
    });

    it('gets one job for the same process instance', async () => {
      const words = jobWords(job(30));
      const first = await pipeline.atOnce(20, 'submit', ...words);
      const again = await pipeline.outcome('submit', ...words);
      const answers = new Set([...first, again].map((outcome) => JSON.stringify(outcome)));
      assert.deepEqual([...answers], [JSON.stringify(again)]);
      const id = 'ok' in again ? String(again.ok) : assert.fail(JSON.stringify(again));
      assert.deepEqual(await site.jobsOf(30, id), [Number(id)]);
    });
  });
});
