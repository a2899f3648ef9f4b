import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import type { CacheFile, InputFile, Problem } from '../../panda/index.ts';
import type { ReadPayload } from '../payloads.ts';
import { packTarball, type TarballEntry } from '../tarball.ts';
import { isElsewhere } from './locations.ts';
import { checkPipelineYaml } from './pipelineYaml.ts';

/** The files of a pipeline that go along, at most 1 MB each. */
export interface PipelineFiles {
  readonly files: readonly InputFile[];
  readonly problems: readonly Problem[];
  /** Those to be staged. */
  readonly inputs: readonly InputFile[];
  tarball(standIn: boolean): CacheFile | undefined;
}

const STAND_IN_FILE = 'pipetask-standin.py';
export const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 50;

export interface GatherOptions {
  readonly staged: boolean;
  readonly readPayload: ReadPayload;
  readonly signal: AbortSignal | undefined;
}

/** A pipeline file that goes along. */
export interface SentPipeline {
  /** What paths in it are relative to: the folder where pipetask is started, on the worker node the job's own. */
  readonly folder: string;
  /** Of the file, below that folder. */
  readonly name: string;
}

/** A pipeline that is named relative to a folder: as it is, or started from its own folder where it lies outside. */
export function sentPipeline(folder: string, location: string): SentPipeline {
  const name = posix.normalize(location);
  return isOutside(name)
    ? { folder: join(folder, dirname(location)), name: basename(location) }
    : { folder, name };
}

/** The name on the worker node: blanks are no harm to pipetask, but labels follow a # and variables a $. */
export function nameAtSite({ name }: SentPipeline): string {
  return name.replace(/[#$]/gu, '_');
}

function isOutside(name: string): boolean {
  return name === '..' || name.startsWith('../');
}

/**
 * Gathers a pipeline file, what it imports and the config files it names, as far as they are below its folder, and the same
 * of what it imports. As for pipetask, all of them are relative to one folder.
 */
export async function gatherPipeline(
  sent: SentPipeline | undefined,
  { staged, readPayload, signal }: GatherOptions,
): Promise<PipelineFiles> {
  const gatherer = new Gatherer(sent?.folder ?? '', signal);
  if (sent !== undefined) await gatherer.pipeline(sent.name, nameAtSite(sent), undefined);
  const gathered = [...gatherer.found.values()];
  const files = gathered.map(({ name, path, size, modified }) => ({ name, path, size, modified }));
  const inTarball = staged
    ? []
    : gathered.map(({ name, content }): TarballEntry => ({ name, content, executable: false }));
  // A sweep of 10,000 jobs asks for the same tarball each time.
  const packed = new Map<boolean, { readonly tarball: CacheFile | undefined }>();
  return {
    files,
    problems: gatherer.problems,
    inputs: staged ? files : [],
    tarball: (standIn) => {
      const known = packed.get(standIn) ?? { tarball: pack(inTarball, standIn, readPayload) };
      packed.set(standIn, known);
      return known.tarball;
    },
  };
}

class Gatherer {
  readonly problems: Problem[] = [];
  /** By the name on the worker node. */
  readonly found = new Map<string, Required<InputFile> & { readonly content: Uint8Array }>();
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;

  constructor(folder: string, signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#signal = signal;
  }

  /** `by`: what imports it. */
  async pipeline(location: string, name: string, by: string | undefined): Promise<void> {
    const content = await this.#take(location, name, by === undefined ? undefined : `${by} imports`);
    if (content === undefined) return;
    const { summary } = checkPipelineYaml(new TextDecoder().decode(content));
    for (const written of summary?.imports ?? []) {
      const [path = ''] = written.split('#');
      const at = this.#place(path, `${name} imports`);
      if (at !== undefined) await this.pipeline(path, at, name);
    }
    for (const path of summary?.configFiles ?? []) {
      const at = this.#place(path, `${name} names the config file`);
      if (at !== undefined) await this.#take(path, at, `${name} names the config file`);
    }
  }

  /** Where a file that something names lies on the worker node; undefined where it does not go along. */
  #place(path: string, who: string): string | undefined {
    if (isElsewhere(path)) return undefined;
    const name = posix.normalize(path);
    if (!isOutside(name)) return name;
    this.#note(`${who} ${path}, which lies outside the folder of the pipeline.`);
    return undefined;
  }

  /** The content of a file that goes along; undefined where it does not, or is there already. */
  async #take(location: string, name: string, who: string | undefined): Promise<Uint8Array | undefined> {
    if (this.found.has(name) || this.found.size >= MOST_FILES) return undefined;
    const path = join(this.#folder, location);
    const read = await readSmall(path, this.#signal);
    if (read === undefined) {
      this.#note(
        who === undefined
          ? `The pipeline cannot be read: ${path}`
          : `${who} ${location}, which is not there or is too large; pipetask looks for it in the folder where it is started: ${path}`,
      );
      return undefined;
    }
    const { content, modified } = read;
    this.found.set(name, { name, path, size: content.length, modified, content });
    return content;
  }

  #note(message: string): void {
    this.problems.push({ where: 'file', message });
  }
}

function pack(
  entries: readonly TarballEntry[],
  standIn: boolean,
  readPayload: ReadPayload,
): CacheFile | undefined {
  const all = [...entries];
  if (standIn) {
    all.push({
      name: `.desc-panda/${STAND_IN_FILE}`,
      content: readPayload(STAND_IN_FILE),
      executable: true,
    });
  }
  return all.length === 0 ? undefined : packTarball(all);
}

/** Undefined for what is no file, too large, or cannot be read. */
export async function readSmall(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly content: Uint8Array; /** Epoch ms. */ readonly modified: number } | undefined> {
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > MOST_BYTES) return undefined;
    const content = await readFile(path, signal === undefined ? {} : { signal });
    return { content, modified: facts.mtimeMs };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
