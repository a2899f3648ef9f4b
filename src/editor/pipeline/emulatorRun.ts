import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { PipelineSnapshot } from '../../pipeline/index.ts';
import { createEmitter } from '../../watch/index.ts';
import type { RowLook } from '../rowLook.ts';
import { isDaemonNode } from './daemonTree.ts';
import { pipelineLook, type RunFacts } from './pipelineLook.ts';
import type { PipelineSource, ViewNode } from './pipelineSource.ts';
import { PipelineTree, type MoreNode } from './pipelineTree.ts';

/** Of what the program says besides its results, characters. */
const MOST_SAID = 10_000;

export interface EmulatorRunOptions {
  /** Unique among the runs of a window. */
  readonly id: string;
  /** The name of the task file. */
  readonly name: string;
  /** Starts the emulator's process with these words behind those that say what to run. */
  readonly launch: (words: readonly string[]) => ChildProcess;
  readonly log: (line: string) => void;
}

/**
 * The emulator's program for a task file; it keeps what it knows in a folder, so it can be started there again. `sandboxFolder`:
 * as the settings are at each start; undefined for the usual one.
 */
export function emulatorLauncher(
  { nodePath, entry }: { readonly nodePath: string; readonly entry: string },
  { file, streams, folder }: { readonly file: string; readonly streams: number; readonly folder: string },
  sandboxFolder: () => string | undefined,
): EmulatorRunOptions['launch'] {
  const words = ['pipeline-emulator', 'run', file, '--json', '--control', '--streams', String(streams)];
  return (more) => {
    const sandbox = sandboxFolder();
    const place = sandbox === undefined ? [] : ['--data-folder', sandbox];
    return spawn(nodePath, [entry, ...words, '--state', folder, ...place, ...more], {
      // The editor's own program is a Node when it is told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  };
}

/**
 * A run of the pipeline's emulator, in a process of its own that speaks JSON lines: it does not hold up the window, and is
 * not lost with it.
 */
export class EmulatorRun implements PipelineSource {
  readonly tree: PipelineTree;
  readonly #options: EmulatorRunOptions;
  readonly #changes = createEmitter<undefined>();
  readonly onDidChange = this.#changes.event;
  #process: ChildProcess | undefined;
  #trouble: string | undefined;
  /** The error that its program ends with. */
  #lastWords: string | undefined;

  constructor(options: EmulatorRunOptions) {
    this.tree = new PipelineTree(options.id);
    this.#options = options;
  }

  get facts(): RunFacts {
    return { name: this.#options.name, running: this.#process !== undefined, trouble: this.#trouble };
  }

  get root(): ViewNode {
    return this.tree.root;
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  children(node: ViewNode): readonly ViewNode[] {
    return isDaemonNode(node) ? [] : this.tree.children(node);
  }

  look(node: ViewNode, now: number): RowLook | undefined {
    return isDaemonNode(node) ? undefined : pipelineLook(node, this.tree, this.facts, now);
  }

  showMore(node: MoreNode): void {
    this.tree.showMore(node);
    this.#changes.fire(undefined);
  }

  close(): void {
    // All of it is known at any time.
  }

  /** Goes on where it was stopped. */
  start(): void {
    if (this.#process === undefined) this.#launch([]);
  }

  /** Its jobs in PanDA go on. */
  stop(): void {
    this.#process?.kill('SIGTERM');
  }

  /** This and the next: keys of process instances. */
  cancel(keys: readonly number[]): void {
    if (keys.length > 0) this.#process?.stdin?.write(`cancel ${keys.join(' ')}\n`);
  }

  rollBack(keys: readonly number[]): void {
    if (keys.length === 0) return;
    if (this.#process === undefined) this.#launch(['--rollback', keys.join(',')]);
    else this.#process.stdin?.write(`rollback ${keys.join(' ')}\n`);
  }

  dispose(): void {
    this.#changes.dispose();
    this.stop();
  }

  #launch(words: readonly string[]): void {
    this.#trouble = undefined;
    this.#lastWords = undefined;
    const started = this.#started(words);
    this.#process = started;
    if (started === undefined) {
      this.#changes.fire(undefined);
      return;
    }
    let said = '';
    started.once('error', (error) =>
      this.#end(started, `The emulator could not be started: ${error.message}`),
    );
    started.once('close', () => this.#end(started, this.#lastWords ?? firstSentence(said)));
    // It ended before it read: what it said tells more.
    started.stdin?.on('error', () => undefined);
    if (started.stdout !== null) createInterface(started.stdout).on('line', (line) => this.#take(line));
    if (started.stderr !== null) {
      createInterface(started.stderr).on('line', (line) => {
        said = `${said}${line}\n`.slice(0, MOST_SAID);
        this.#options.log(line);
      });
    }
    this.#changes.fire(undefined);
  }

  /** Undefined where the settings keep it from being started. */
  #started(words: readonly string[]): ChildProcess | undefined {
    try {
      return this.#options.launch(words);
    } catch (error) {
      this.#trouble = `The emulator could not be started: ${error instanceof Error ? error.message : String(error)}`;
      return undefined;
    }
  }

  #take(line: string): void {
    const { snapshot, trouble, refused, error } = toldIn(line);
    if (error !== undefined) this.#lastWords = error.message;
    if (refused !== undefined) this.#trouble = refused;
    if (snapshot !== undefined) {
      this.#trouble = trouble ?? undefined;
      this.tree.update(snapshot);
    }
    if ((snapshot ?? refused) !== undefined) this.#changes.fire(undefined);
  }

  #end(ended: ChildProcess, trouble: string | undefined): void {
    if (this.#process !== ended) return;
    this.#process = undefined;
    this.#trouble = trouble;
    this.#changes.fire(undefined);
  }
}

/** What a line of our own program may hold. */
interface Told {
  readonly snapshot?: PipelineSnapshot;
  readonly trouble?: string | null;
  readonly refused?: string;
  readonly error?: { readonly message: string };
}

function toldIn(line: string): Told {
  try {
    return (JSON.parse(line) as Told | null) ?? {};
  } catch {
    return {};
  }
}

/** Programs of ours say first what went wrong. */
function firstSentence(said: string): string | undefined {
  const line = said.split('\n').find((one) => one.trim() !== '');
  return line?.trim();
}
