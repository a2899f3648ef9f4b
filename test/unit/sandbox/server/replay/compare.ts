import type { Recorded } from '../../../transcripts/recordings.ts';
import type { RawAnswer } from '../rawCall.ts';
import { firstDifference, normalise } from './normalise.ts';

/** How the sandbox's answer differs from the recorded one; undefined where they agree. */
export function differenceOf(
  { request, response }: Recorded,
  answer: RawAnswer,
  recorded: ReadonlyMap<number, number>,
): string | undefined {
  if (answer.status !== response.status) {
    return `status: recorded ${response.status}, sandbox ${answer.status} ${answer.text.slice(0, 100)}`;
  }
  const type = response.headers['content-type'];
  if (answer.headers['content-type'] !== type) {
    return `content type: recorded ${type}, sandbox ${answer.headers['content-type']}`;
  }
  if (request.path.startsWith('/cache/') && answer.status === 200) return undefined;
  const body = typeof response.body === 'string' ? bodyAsText(response.body, answer) : parsed(answer.text);
  const expected = abridgedLike(response.body, body);
  return firstDifference(normalise(expected, recorded), normalise(body, recorded));
}

/** A recorded text is a bare text, a JSON text, or a summary of what was too long to keep. */
function bodyAsText(expected: string, { text }: RawAnswer): unknown {
  const isJson = text.startsWith('"') || expected.startsWith('<');
  return isJson && !text.startsWith('<') ? parsed(text) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What stands for the sandbox's answer where the recording has only a summary: the summary must fit it. */
function abridgedLike(expected: unknown, body: unknown): unknown {
  if (typeof expected === 'string' && expected.startsWith('#!/bin/bash')) {
    return typeof body === 'string' && body.startsWith('#!/bin/bash\n') ? body : expected;
  }
  const data = dataOf(body);
  if (typeof expected === 'string') return fits(expected, data) ? body : expected;
  const list = dataOf(expected);
  if (!isList(list) || !isList(data)) return expected;
  const total = /^\.\.\. (\d+) entries in all$/u.exec(String(list.at(-1)))?.[1];
  if (total !== undefined && data.length === Number(total)) {
    return { ...(expected as object), data: [...list.slice(0, -1), ...data.slice(list.length - 1)] };
  }
  // Of a long list of states the first two were kept.
  const isCut = list.length === 2 && data.length > 2;
  return isCut ? { ...(expected as object), data: [...list, ...data.slice(2)] } : expected;
}

function dataOf(body: unknown): unknown {
  return (body as { data?: unknown } | null)?.data;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function fits(summary: string, data: unknown): boolean {
  const found = /^<(\d+) (descriptions|entries|true|jobs)/u.exec(summary);
  if (found === null) return false;
  const jobs = (data as { jobs?: unknown } | null)?.jobs;
  const list: unknown = Array.isArray(data) ? data : jobs;
  if (!Array.isArray(list) || list.length !== Number(found[1])) return false;
  if (found[2] === 'true') return list.every((item) => item === true);
  return list.every((item) => typeof item === 'object' && item !== null);
}
