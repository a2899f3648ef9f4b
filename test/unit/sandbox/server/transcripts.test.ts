import assert from 'node:assert/strict';
import { recordings, type Recorded } from '../../transcripts/recordings.ts';
import { writeReport, type TranscriptRow } from '../../transcripts/report.ts';
import { rawCall } from './rawCall.ts';
import { differenceOf } from './replay/compare.ts';
import { whoAsked } from './replay/deployment.ts';
import { knownReason } from './replay/known.ts';
import { prepareFor } from './replay/preparations.ts';
import { requestOf } from './replay/request.ts';
import { openStage, type Stage } from './replay/stage.ts';

/** Exchanges that the sandbox answers as recorded. Raise it when more do; never lower it. */
const AGREEING = 601;
const EXCHANGES = 627;

describe('recorded requests to a PanDA server, answered by the sandbox', () => {
  const rows: TranscriptRow[] = [];

  before(async () => {
    const byFile = Map.groupBy(recordings(), ({ file }) => file);
    for (const recording of byFile.values()) rows.push(...(await replay(recording)));
    await writeReport('sandbox', rows);
  });

  it('accounts for every exchange', () => {
    assert.equal(rows.length, EXCHANGES);
  });

  it('differs only for reasons that are known', () => {
    assert.deepEqual(
      rows.filter(({ agrees, reason }) => !agrees && !/^(not its part|better): /u.test(reason)),
      [],
    );
  });

  it('agrees with as many as it did', () => {
    assert.equal(rows.filter(({ agrees }) => agrees).length, AGREEING);
  });
});

/** Replays one recording, in its order, on a sandbox of its own. */
async function replay(recording: readonly Recorded[]): Promise<readonly TranscriptRow[]> {
  const stage = await openStage();
  try {
    const rows: TranscriptRow[] = [];
    for (const exchange of recording) {
      const difference = await differenceFound(stage, exchange, recording);
      const reason = difference === undefined ? '' : (knownReason(exchange) ?? difference);
      rows.push({ file: exchange.file, name: exchange.name, agrees: difference === undefined, reason });
    }
    return rows;
  } finally {
    await stage.close();
  }
}

async function differenceFound(
  stage: Stage,
  exchange: Recorded,
  recording: readonly Recorded[],
): Promise<string | undefined> {
  await prepareFor(stage, exchange, recording);
  // The recording's job of a slow set-up stays defined; elsewhere the set-up was done by the next request.
  if (exchange.file !== 'job-defined.json') stage.setUp();
  if (/after adder|\(finished\)$|final state/u.test(exchange.name)) stage.server.background.addOutputs(0);
  stage.act(whoAsked(exchange));
  const answer = await rawCall(stage.server.url, requestOf(exchange, stage.ours));
  learnIds(stage, exchange, answer.text);
  return differenceOf(exchange, answer, stage.recorded);
}

/** Learns which of our jobs stands for which recorded one. */
function learnIds(stage: Stage, { request, response }: Recorded, text: string): void {
  if (!request.path.endsWith('job/submit') || response.status !== 200) return;
  const recorded = entriesOf(response.body);
  const first = recorded[0]?.[0];
  for (const [index, [id]] of entriesOf(JSON.parse(text)).entries()) {
    const known = recorded[index]?.[0];
    const theirs = typeof known === 'number' ? known : typeof first === 'number' ? first + index : undefined;
    if (typeof id === 'number' && theirs !== undefined) stage.map(theirs, id);
  }
}

function entriesOf(body: unknown): readonly (readonly unknown[])[] {
  const { data } = body as { data?: readonly (readonly unknown[])[] | null };
  return data ?? [];
}
