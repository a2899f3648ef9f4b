import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { DaemonFigures } from '../../../../src/pipeline/daemon/figures.ts';
import { startHealthServer } from '../../../../src/pipeline/daemon/health.ts';
import { plainPage } from '../../../../src/pipeline/daemon/page.ts';
import type { HealthServer } from '../../../../src/pipeline/daemon/health.ts';

const FIGURES: DaemonFigures = {
  status: 'OK',
  startTime: 1_000_500,
  users: [
    {
      user: 'glast',
      status: 'OK',
      jobCounts: { DONE: 7, PENDING: 1, RUNNING: 2, WAITING: 0, SUSPENDED: 0, FAILED: 3, UNKNOWN: 0 },
      jobSubmissionCount: 13,
      lastSuccessfulJobSubmissionTime: 2_000_000,
      lastFailedJobSubmissionTime: null,
      openSubmissions: 0,
      lastPollTime: 3_000_000,
    },
  ],
  mails: { sending: 0, waiting: 1, sent: 20 },
  connections: 2,
  bound: true,
};

describe('figures of the job control service', () => {
  let figures: () => DaemonFigures;
  let server: HealthServer;
  beforeEach(async () => {
    figures = () => FIGURES;
    server = await startHealthServer(
      0,
      () => figures(),
      () => Promise.resolve(plainPage(418, 'jobs')),
    );
  });
  afterEach(() => server.close());

  async function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    request({ host: '127.0.0.1', port: server.port, path, headers, method }, (response) => {
      void readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
    return promise;
  }

  it('are JSON, with a status that a supervisor understands', async () => {
    const { status, text } = await get('/health');
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), FIGURES);
    figures = () => ({ ...FIGURES, status: 'Bad no connection' });
    assert.equal((await get('/health')).status, 503);
    figures = () => {
      throw new Error('the disk');
    };
    assert.deepEqual(await get('/health'), { status: 503, text: 'The journal cannot be read.\n' });
  });

  it('are text for Prometheus', async () => {
    const { text } = await get('/metrics');
    const lines = text.split('\n');
    for (const line of [
      'desc_panda_healthy 1',
      'desc_panda_start_time_seconds 1000.5',
      'desc_panda_jobs{user="glast",status="DONE"} 7',
      '# TYPE desc_panda_job_submissions_total counter',
      'desc_panda_job_submissions_total{user="glast"} 13',
      'desc_panda_last_successful_job_submission_time_seconds{user="glast"} 2000',
      'desc_panda_mails{step="waiting"} 1',
    ]) {
      assert.ok(lines.includes(line), `${line} is not in\n${text}`);
    }
    assert.doesNotMatch(text, /last_failed/);
    const sample = /^desc_panda_[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.]+$/;
    for (const line of lines.slice(0, -1)) {
      assert.ok(/^# (HELP|TYPE) desc_panda_[a-z_]+ .+$/.test(line) || sample.test(line), line);
    }
  });

  it('are for programs of this machine only', async () => {
    assert.equal((await get('/health', { Host: 'evil.example:80' })).status, 403);
    assert.equal((await get('/health', { Origin: 'https://evil.example' })).status, 403);
    assert.equal((await get('/health', {}, 'POST')).status, 405);
    assert.equal((await get('/other')).status, 404);
    assert.equal((await get('/metrics', { Host: `localhost:${server.port}` })).status, 200);
  });
});
