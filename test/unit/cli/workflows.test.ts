import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useCli } from './useCli.ts';

const DAY = 86_400_000;

describe('desc-panda workflows', () => {
  const { call, json, writeProfiles } = useCli();
  let server: Server;
  let answer: { readonly type: string; readonly body: string };
  let url: string;
  const paths: string[] = [];

  beforeEach(async () => {
    paths.length = 0;
    server = createServer((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(200, { 'Content-Type': answer.type }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const far = {
      server: url,
      monitor: url,
      vo: 'Rubin',
      authentication: { kind: 'token', tokenVariable: 'MY_TOKEN' },
    };
    await writeProfiles(
      JSON.stringify({ default: 'far', profiles: { far, blind: { ...far, monitor: undefined } } }),
    );
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const env = { MY_TOKEN: 'a-token' };
  const answers = (...rows: readonly object[]): void => {
    answer = { type: 'application/json', body: JSON.stringify(rows) };
  };
  const request = (id: number, more: object = {}): object => ({
    request_id: id,
    r_name: `u_jane_step${id}`,
    r_status: 'Transforming',
    username: 'Jane Doe',
    created_at: new Date(Date.now() - 2 * DAY).toISOString().slice(0, 19).replace('T', ' '),
    total_tasks: 3,
    tasks_statuses: { done: 2, running: 1 },
    total_files: 1200,
    finished_files: 99.9,
    failed_files: 0.2,
    ...more,
  });

  it('lists them, the newest first, with how far they are', async () => {
    answers(
      request(41),
      request(42, { r_name: 'evil\u001b[2J\nname', username: null, total_files: 0, tasks_statuses: {} }),
    );
    const { code, stdout, stderr } = await call('workflows', { env });
    assert.equal(code, 0, stderr);
    const [titles = '', newest = '', older = ''] = stdout.split('\n');
    assert.match(titles, /^REQUEST +STATE +NAME +USER +CREATED +TASKS +PROGRESS$/u);
    assert.match(newest, /^42 +Transforming +evil␛\[2J name +\S+ \d\d:\d\d +3$/u);
    assert.ok(!stdout.includes('\u001b'));
    assert.match(
      older,
      /^41 +Transforming +u_jane_step41 +Jane Doe +\S+ \d\d:\d\d +.*1 running.* +99 % finished, less than 1 % failed of 1,200 files$/u,
    );
    assert.deepEqual(new Set(paths.filter((path) => path.startsWith('/idds/'))).size, 1);
  });

  it('gives them to programs', async () => {
    answers(request(41, { tasks_statuses: { done: 3 } }));
    const { stdout } = await call('workflows --json', { env });
    const { asOf, ...told } = JSON.parse(stdout) as { asOf: string; workflows: { creationTime: string }[] };
    assert.match(asOf, /^TIME$/u);
    assert.deepEqual(told, {
      profile: 'far',
      total: 1,
      workflows: [
        {
          ...{ requestId: 41, name: 'u_jane_step41', state: 'Transforming', user: 'Jane Doe' },
          ...{ creationTime: 'TIME', tasks: 3, taskStates: { done: 3 }, files: 1200 },
          ...{ finishedShare: 0.9990000000000001, failedShare: 0.002 },
          monitorUrl: `${url}/idds/?requestid=41`,
        },
      ],
    });
  });

  it('takes those with all words of a filter, and so many', async () => {
    answers(
      request(41),
      request(42, { r_name: 'x', username: 'John Roe', r_status: 'Finished' }),
      request(43),
    );
    const ids = async (line: string): Promise<number[]> => {
      const { stdout } = await call(`${line} --json`, { env });
      return (JSON.parse(stdout) as { workflows: { requestId: number }[] }).workflows.map(
        ({ requestId }) => requestId,
      );
    };
    assert.deepEqual(await ids('workflows --filter jane'), [43, 41]);
    assert.deepEqual(await ids('workflows --filter FINISHED'), [42]);
    assert.deepEqual(await ids('workflows -n 2'), [43, 42]);
    assert.match((await call('workflows -n 1', { env })).stdout, /\n1 request of 3\n$/u);
    const none = await call('workflows --filter nobody', { env });
    assert.equal(none.stdout, 'No workflow request matches.\n');
    assert.equal((await call('workflows jane', { env })).code, 2);
  });

  it('says that there are none, in the sandbox, too', async () => {
    const { code, stdout, stderr } = await call('workflows --profile sandbox');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'The monitor lists no workflow request of the last days.\n');
    assert.deepEqual((await json<{ workflows: unknown[] }>('workflows --profile sandbox')).workflows, []);
  });

  it('says what a profile without a monitor lacks, and what a page to sign in means', async () => {
    const blind = await call('workflows --profile blind', { env });
    assert.equal(blind.code, 2);
    assert.match(blind.stderr, /The profile blind names no monitor/u);
    answer = { type: 'text/html', body: '<html><title>Sign in</title></html>' };
    const page = await call('workflows', { env });
    assert.equal(page.code, 3, page.stderr);
    assert.match(page.stderr, /does not take the profile's token\.\n→ Sign in at /u);
    assert.equal(page.stdout, '');
  });
});
