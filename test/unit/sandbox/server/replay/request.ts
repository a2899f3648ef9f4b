import { gzipSync } from 'node:zlib';
import { queryPairs, type Recorded } from '../../../transcripts/recordings.ts';
import type { RawRequest } from '../rawCall.ts';
import { submissionText } from '../wireJobs.ts';

/** A recorded request as it is sent to the sandbox: its ids ours, what the recording abridges written out. */
export function requestOf(exchange: Recorded, ours: ReadonlyMap<number, number>): RawRequest {
  const { request } = exchange;
  const headers = { ...request.headers };
  // The identity is played; a placeholder is no token.
  delete headers.Authorization;
  const body = bodyOf(exchange, ours);
  return {
    method: request.method,
    path: `${request.path}${queryText(exchange, ours)}`,
    headers:
      body === undefined && request.method === 'POST'
        ? { ...headers, 'Transfer-Encoding': 'chunked' }
        : headers,
    ...(body === undefined ? {} : { body }),
  };
}

function queryText({ request }: Recorded, ours: ReadonlyMap<number, number>): string {
  const repeated = /^<job_ids repeated (\d+) times>$/u.exec(String(request.query))?.[1];
  const pairs =
    repeated === undefined
      ? queryPairs(request).map(([name, value]): [string, string] => [name, String(mapIds(value, ours))])
      : submittedIds(ours, Number(repeated)).map((id): [string, string] => ['job_ids', String(id)]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function bodyOf(exchange: Recorded, ours: ReadonlyMap<number, number>): Uint8Array | string | undefined {
  const { request, name } = exchange;
  if (request.body_multipart !== undefined) return multipart(request.body_multipart);
  if (request.body_form !== undefined) {
    return new URLSearchParams(
      request.body_form.map(([key, value]): [string, string] => [key, String(value)]),
    ).toString();
  }
  if (request.body_raw !== undefined) return rawBytes(request.body_raw);
  if (request.body === undefined) return undefined;
  const text = JSON.stringify(writtenOut(request.body, ours));
  const isZipped = request.headers['Content-Encoding'] === 'gzip' && !name.includes('plain body');
  return isZipped ? gzipSync(text) : text;
}

/** Bytes as Python shows them, `b'…\\x1f…'`, or plain text. */
function rawBytes(raw: string): Uint8Array {
  const shown = /^b'(.*)'$/su.exec(raw)?.[1];
  if (shown === undefined) return Buffer.from(raw);
  const text = shown.replace(/\\x([0-9a-f]{2})|\\(.)/gu, (_all, hex: string | undefined, other: string) =>
    hex === undefined ? other : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, 'latin1');
}

function multipart({
  field,
  filename,
  bytes,
}: {
  field: string;
  filename: string;
  bytes: number;
}): Uint8Array {
  const head = `--panda-boundary\r\nContent-Disposition: form-data; name="${field}"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(head),
    Buffer.alloc(bytes, 'x'),
    Buffer.from('\r\n--panda-boundary--\r\n'),
  ]);
}

function writtenOut(body: unknown, ours: ReadonlyMap<number, number>): unknown {
  if (typeof body !== 'string') return mapIds(body, ours);
  const jobs = /^<(\d+) jobs, /u.exec(body)?.[1];
  if (jobs !== undefined) return { jobs: manyJobs(Number(jobs)) };
  const ids = /^<(\d+) ids>$/u.exec(body)?.[1];
  if (ids !== undefined) return { job_ids: submittedIds(ours, Number(ids)) };
  if (body.startsWith('<jobs string of one job with jobParameters of 6000 characters>')) {
    return { jobs: longJob() };
  }
  throw new Error(`abridged in an unknown way: ${body}`);
}

function manyJobs(count: number): string {
  const jobDefinitionID = { 1: 8285, 10: 8286, 100: 8287, 1000: 8288, 5000: 8289, 5001: 8290 }[count];
  const facts = {
    prodSourceLabel: 'panda',
    computingSite: 'BNL-LSST',
    prodUserName: 'Alice Adams',
    jobDefinitionID,
  };
  return submissionText(
    Array.from({ length: count }, (_item, index) => ({ ...facts, jobName: `many.${index}` })),
  );
}

function longJob(): string {
  const jobName = 'job.1201.SingleFrame.0.aliceadams.18256';
  return submissionText([
    {
      jobName,
      jobDefinitionID: 8256,
      prodSourceLabel: 'panda',
      computingSite: 'BNL-LSST',
      prodUserName: 'alice adams',
      processingType: 'SingleFrame',
      destinationDBlock: 'panda.lsst.user.1201.SingleFrame',
      jobParameters: ` --lsstJobParams="${'x'.repeat(6000)}" `,
    },
  ]);
}

/** Of the recorded call with 5000 jobs the first ones; more asked for are asked for again. */
function submittedIds(ours: ReadonlyMap<number, number>, count: number): readonly number[] {
  return Array.from({ length: count }, (_item, index) => ours.get(6_900_007_112 + (index % 5000)) ?? 0);
}

function mapIds(value: unknown, ours: ReadonlyMap<number, number>): unknown {
  if (typeof value === 'number') return ours.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => mapIds(item, ours));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapIds(item, ours)]));
}
