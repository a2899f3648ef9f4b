import assert from 'node:assert/strict';
import { recordings } from '../transcripts/recordings.ts';
import type { Recorded } from '../transcripts/recordings.ts';
import { writeReport } from '../transcripts/report.ts';
import type { TranscriptRow } from '../transcripts/report.ts';
import { no, startFakeServer } from './fakeServer.ts';
import type { Asked, FakeServer } from './fakeServer.ts';
import { normal, sentRequestOf } from './sentRequests.ts';

/** Recorded requests that the client makes in the same way. Raise it when more do; never lower it. */
const AGREEING = 287;

describe('recorded requests to a PanDA server, made by the client', () => {
  let server: FakeServer;
  const rows: TranscriptRow[] = [];

  before(async () => {
    server = await startFakeServer((_asked, response) => no(response, 'enough'));
    for (const recorded of recordings()) {
      const how = sentRequestOf(recorded);
      if (how === undefined) continue;
      const reason = typeof how === 'string' ? `not made: ${how}` : await differenceOf(server, recorded, how);
      rows.push({ file: recorded.file, name: recorded.name, agrees: reason === '', reason });
    }
    await writeReport('client-requests', rows);
  });
  after(() => server.close());

  it('sends what was recorded wherever it makes the call', () => {
    assert.deepEqual(
      rows.filter((row) => !row.agrees && !row.reason.startsWith('not made: ')),
      [],
    );
    assert.equal(rows.filter((row) => row.agrees).length, AGREEING);
  });
});

async function differenceOf(
  server: FakeServer,
  { request }: Recorded,
  how: Exclude<ReturnType<typeof sentRequestOf>, string | undefined>,
): Promise<string> {
  server.asked.length = 0;
  await how.call(server.client()).catch(() => undefined);
  const [asked, ...more] = server.asked;
  try {
    assert.equal(more.length, 0);
    assert.ok(asked !== undefined, 'nothing was sent');
    assert.equal(asked.method, request.method);
    assert.equal(asked.path, request.path);
    assert.equal(asked.headers.accept, 'application/json');
    assert.equal(asked.headers['content-type'], request.headers['Content-Type']);
    assert.deepEqual(argumentsSent(asked), how.expected);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function argumentsSent(asked: Asked): unknown {
  if (asked.method === 'GET') {
    return [...asked.query.entries()];
  }
  const body = JSON.parse(asked.text) as { jobs?: string };
  return body.jobs === undefined
    ? body
    : (JSON.parse(body.jobs) as unknown[][]).map((job) => job.map((value, at) => normal(value, at)));
}
