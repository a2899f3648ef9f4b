import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { taskXmlChecker } from '../../pipeline/index.ts';
import {
  checkBpsYaml,
  checkCatalog,
  checkCommandFile,
  checkPipelineYaml,
  checkSubmissionFile,
  readBeside,
  recogniseCatalog,
  type FileDiagnostic,
  type ListedFindings,
} from '../../transformations/index.ts';
import type { Checked, CheckRequest } from './checkProtocol.ts';
import { HEAD_LENGTH } from './documentKind.ts';

/** Files of people, but for catalogs, are smaller; what is behind it is not looked at. */
const MOST_BYTES = 4_194_304;

/** Checks one file, or the content that the editor holds of it. */
export async function checkFile(
  { path, kind, sedFolder, workspace }: Omit<CheckRequest, 'source'>,
  pieces: AsyncIterable<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<Checked> {
  const content = pieces === undefined ? undefined : await joined(pieces, signal);
  switch (kind) {
    case 'catalog':
      return checkWhole(path, content, sedFolder, signal);
    case 'commandFile': {
      return { kind, diagnostics: listed(checkCommandFile(content ?? (await readStart(path)))) };
    }
    case 'submission': {
      const text = new TextDecoder().decode(content ?? (await readStart(path)));
      const folder = dirname(path);
      const roots = workspace === undefined ? [folder] : [folder, workspace];
      return { kind, diagnostics: listed(await checkSubmissionFile(text, { folder, roots }, { signal })) };
    }
    case 'taskFile':
    case 'xml':
      return checkXml(path, content ?? (await readStart(path)), signal);
    default:
      return checkYaml(path, content ?? (await readStart(path)));
  }
}

async function checkWhole(
  path: string,
  content: Uint8Array | undefined,
  sedFolder: string | undefined,
  signal: AbortSignal,
): Promise<Checked> {
  // A file that others include has no head, and is told by its first line.
  const role = recogniseCatalog(path, content ?? (await readStart(path))) ?? 'head';
  const request = { path, role, ...(sedFolder === undefined ? {} : { sedFolder }) };
  const catalog = await checkCatalog(content === undefined ? request : { ...request, content }, { signal });
  return { kind: 'catalog', diagnostics: listed(catalog), catalog };
}

/** What the content says it is: a pipeline, a submit file of BPS, or nothing of ours. */
function checkYaml(path: string, content: Uint8Array): Checked {
  const text = new TextDecoder().decode(content);
  const surroundings = { readFile: readBeside(dirname(path)), environment: process.env };
  const pipeline = checkPipelineYaml(text, surroundings);
  if (pipeline.detected) return { kind: 'pipeline', diagnostics: listed(pipeline) };
  const bps = checkBpsYaml(text, surroundings);
  return bps.detected ? { kind: 'bps', diagnostics: listed(bps) } : { kind: undefined, diagnostics: [] };
}

/** A task file of the pipeline's, or nothing of ours. */
async function checkXml(path: string, content: Uint8Array, signal: AbortSignal): Promise<Checked> {
  const file = { path, head: content.subarray(0, HEAD_LENGTH), content };
  const outcome = taskXmlChecker.recognise(path, file.head)
    ? await taskXmlChecker.check(file, { signal })
    : undefined;
  return outcome === undefined
    ? { kind: undefined, diagnostics: [] }
    : { kind: 'taskFile', diagnostics: listed(outcome) };
}

function listed({ diagnostics, unlisted }: ListedFindings): readonly FileDiagnostic[] {
  if (unlisted === 0) return diagnostics;
  const message = `${unlisted} more problems are not listed.`;
  return [...diagnostics, { line: 1, severity: 'information', code: 'more-problems', message }];
}

async function joined(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) {
    signal.throwIfAborted();
    all.push(piece);
  }
  signal.throwIfAborted();
  return Buffer.concat(all);
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(MOST_BYTES + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
