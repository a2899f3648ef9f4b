import assert from 'node:assert/strict';
import type http from 'node:http';
import type { PandaError, SubmitOutcome } from '../../../src/panda/index.ts';
import { recordings } from '../transcripts/recordings.ts';
import type { Recorded } from '../transcripts/recordings.ts';
import { writeReport } from '../transcripts/report.ts';
import type { TranscriptRow } from '../transcripts/report.ts';
import { plain, startFakeServer } from './fakeServer.ts';
import type { FakeServer } from './fakeServer.ts';
import { asError, expectedKind, replayOf, tells } from './replay.ts';
import type { Replay } from './replay.ts';

/** Recorded answers that the client decodes as a real server meant them. Raise it when more do; never lower it. */
const AGREEING = 432;
const EXCHANGES = 627;

describe('recorded answers of a PanDA server, read by the client', () => {
  let server: FakeServer;
  const rows: TranscriptRow[] = [];

  before(async () => {
    server = await startFakeServer();
    for (const recorded of recordings()) {
      rows.push(await replay(server, recorded));
    }
    await writeReport('client', rows);
  });
  after(() => server.close());

  it('accounts for every exchange', () => {
    assert.equal(rows.length, EXCHANGES);
    assert.deepEqual(
      rows.filter((row) => row.agrees !== (row.reason === '')),
      [],
    );
  });

  it('agrees with all that the client can ask for', () => {
    const unexpected = rows.filter((row) => !row.agrees && !/^(abridged|not asked): /.test(row.reason));
    assert.deepEqual(unexpected, []);
    assert.equal(rows.filter((row) => row.agrees).length, AGREEING);
  });
});

async function replay(server: FakeServer, recorded: Recorded): Promise<TranscriptRow> {
  const { file, name } = recorded;
  const reason = (await differenceOf(server, recorded)) ?? '';
  return { file, name, agrees: reason === '', reason };
}

/** Why the exchange does not agree; undefined where it does. */
async function differenceOf(server: FakeServer, recorded: Recorded): Promise<string | undefined> {
  const how = replayOf(recorded);
  if (how === undefined) {
    return `not asked: the client has no call to ${recorded.request.path}`;
  }
  if (recorded.request.method === 'HEAD') {
    return 'not asked: the client never asks for headers alone';
  }
  if (isAbridged(recorded)) {
    return 'abridged: the recording holds a summary instead of the answer';
  }
  server.answer = (_asked, response) => answerAs(recorded, response);
  const client = server.client();
  try {
    await check(recorded, how, () => how.call(client));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function check(recorded: Recorded, how: Replay, call: () => Promise<unknown>): Promise<void> {
  if (isSuccess(recorded)) {
    how.check(await call(), recorded);
    return;
  }
  if (
    how.refusalResult !== undefined &&
    typeof recorded.response.body === 'object' &&
    !isUnsecured(recorded)
  ) {
    const isMistake = String((recorded.response.body as { message: string }).message).includes('expecting');
    if (!isMistake) {
      assert.deepEqual(await call(), how.refusalResult);
      return;
    }
  }
  if (how.outcomes === true) {
    const outcomes = (await call()) as SubmitOutcome[];
    const kind = recorded.response.status === 200 ? 'refused' : 'unknown';
    assert.ok(outcomes.every((outcome) => outcome.kind === kind));
    const [first] = outcomes;
    assert.ok(first?.kind === 'refused' || first?.kind === 'unknown');
    assert.ok(tells(first.reason, recorded), first.reason);
    return;
  }
  const error = await errorOf(call);
  assert.equal(error.kind, expectedKind(recorded), error.message);
  assert.ok(tells(error.message, recorded), error.message);
}

/** `set_debug_mode` says success false when it succeeded, `task/retry` true when it did not; see the client's quirks. */
function isSuccess({ request, response }: Recorded): boolean {
  if (response.status !== 200) {
    return false;
  }
  if (request.path.startsWith('/cache/')) {
    return true;
  }
  if (typeof response.body === 'string') {
    return request.path.endsWith('generate_offline_execution_script') && !response.body.startsWith('ERROR');
  }
  const { success, message, data } = response.body as { success: boolean; message: string; data: unknown };
  if (request.path.endsWith('task/retry')) {
    return data === 0;
  }
  return request.path.endsWith('set_debug_mode') ? message === 'Succeeded' : success;
}

function isUnsecured({ response }: Recorded): boolean {
  return (response.body as { message: string }).message.startsWith('SSL secure');
}

function isAbridged({ request, response }: Recorded): boolean {
  const texts = JSON.stringify(response.body) ?? '';
  return (
    (typeof response.body === 'string' &&
      response.status === 200 &&
      /^<\d+ /.test(response.body) &&
      !request.path.startsWith('/cache/')) ||
    /"\.\.\. \d+ entries in all"/.test(texts) ||
    (typeof request.query === 'string' && response.status === 200 && !request.query.includes(' 1 '))
  );
}

function answerAs({ request, response: { status, body } }: Recorded, response: http.ServerResponse): void {
  const bareText = request.path.endsWith('generate_offline_execution_script');
  plain(response, status, typeof body === 'string' && !bareText ? body : JSON.stringify(body));
}

async function errorOf(call: () => Promise<unknown>): Promise<PandaError> {
  const result = await call().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.ok('error' in result, 'the client took a refusal for success');
  return asError(result.error);
}
