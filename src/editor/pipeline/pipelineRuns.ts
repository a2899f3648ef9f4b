import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type * as vscode from 'vscode';
import { createEmitter, type Disposable } from '../../watch/index.ts';
import { sandboxFolder } from '../sandbox/sandboxOptions.ts';
import type { SettingsReader } from '../settings.ts';
import { emulatorLauncher, EmulatorRun } from './emulatorRun.ts';

const KEY = 'pipeline.runs';

/** What a run is of. */
export interface RunRequest {
  /** Absolute path of the task file. */
  readonly file: string;
  readonly streams: number;
}

interface KnownRun extends RunRequest {
  readonly folder: string;
}

export interface PipelineRunsDeps {
  readonly extension: Pick<vscode.ExtensionContext, 'extensionPath' | 'globalStorageUri' | 'workspaceState'>;
  readonly settings: SettingsReader;
  /** Whether the workspace is trusted: a task file's scripts run with the user's identity. */
  readonly isTrusted: () => boolean;
  readonly log: (line: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The runs of this workspace: they are there again when the window is. */
export class PipelineRuns implements Disposable {
  readonly #deps: PipelineRunsDeps;
  readonly #listChanges = createEmitter<undefined>();
  readonly #runChanges = createEmitter<undefined>();
  /** The oldest first; undefined before somebody asked for them. */
  #runs: Map<EmulatorRun, KnownRun> | undefined;

  /** A run came or went. */
  readonly onDidChange = this.#listChanges.event;
  /** A run is not as it was. */
  readonly onDidChangeRun = this.#runChanges.event;

  constructor(deps: PipelineRunsDeps) {
    this.#deps = deps;
  }

  /** The newest first; none in a restricted workspace. Those of before go on when they are asked for first. */
  get list(): readonly EmulatorRun[] {
    if (!this.#deps.isTrusted()) return [];
    return [...this.#all.keys()].reverse();
  }

  async begin(request: RunRequest): Promise<EmulatorRun> {
    const storage = this.#deps.extension.globalStorageUri.fsPath;
    const digest = createHash('sha256').update(request.file).digest('hex').slice(0, 8);
    const folder = join(storage, 'pipeline', `${digest}-${this.#deps.now().toString(36)}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const known = { ...request, folder };
    const run = this.#start(known);
    this.#all.set(run, known);
    this.#listChanges.fire(undefined);
    await this.#keep();
    return run;
  }

  /** Forgets a run that does not go on, with all that it left in its folder. */
  async remove(run: EmulatorRun): Promise<void> {
    const known = this.#all.get(run);
    this.#all.delete(run);
    run.dispose();
    this.#listChanges.fire(undefined);
    await this.#keep();
    if (known !== undefined) await rm(known.folder, { recursive: true, force: true });
  }

  dispose(): void {
    for (const run of this.#runs?.keys() ?? []) run.dispose();
    this.#listChanges.dispose();
    this.#runChanges.dispose();
  }

  get #all(): Map<EmulatorRun, KnownRun> {
    this.#runs ??= new Map(
      knownRuns(this.#deps.extension.workspaceState).map((known) => [this.#start(known), known]),
    );
    return this.#runs;
  }

  #start(known: KnownRun): EmulatorRun {
    const { extensionPath } = this.#deps.extension;
    const program = { nodePath: process.execPath, entry: join(extensionPath, 'dist', 'cli', 'main.js') };
    const run = new EmulatorRun({
      id: `run:${known.folder}`,
      name: basename(known.file),
      launch: emulatorLauncher(program, known, () => sandboxFolder(this.#deps.settings)),
      log: this.#deps.log,
    });
    run.onDidChange(() => this.#runChanges.fire(undefined));
    run.start();
    return run;
  }

  async #keep(): Promise<void> {
    await this.#deps.extension.workspaceState.update(KEY, [...this.#all.values()]);
  }
}

function knownRuns(memory: vscode.Memento): readonly KnownRun[] {
  const kept = memory.get<unknown>(KEY);
  return Array.isArray(kept) ? kept.filter(isKnownRun) : [];
}

function isKnownRun(value: unknown): value is KnownRun {
  if (typeof value !== 'object' || value === null) return false;
  const { file, streams, folder } = value as Partial<Record<keyof KnownRun, unknown>>;
  return typeof file === 'string' && typeof folder === 'string' && Number.isInteger(streams);
}
