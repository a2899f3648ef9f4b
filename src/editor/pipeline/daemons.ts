import { homedir, hostname } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { createEmitter, type Clock, type Disposable } from '../../watch/index.ts';
import { SettingsError, type SettingsReader } from '../settings.ts';
import { DaemonSource } from './daemonSource.ts';

/** Milliseconds between two questions, while somebody looks. */
const EVERY = 3000;

export interface DaemonsDeps {
  readonly settings: SettingsReader;
  readonly clock: Clock;
  /** Where daemons of this user are noted. */
  readonly folder: () => Promise<string>;
  readonly log: (line: string) => void;
}

/**
 * Job control daemons of this machine: those that this user runs, and those that the settings name. One that was seen stays
 * to be seen, also where it has ended. Nobody asks while nobody looks.
 */
export class Daemons implements Disposable {
  readonly #deps: DaemonsDeps;
  readonly #sources = new Map<string, DaemonSource>();
  readonly #listChanges = createEmitter<undefined>();
  readonly #sourceChanges = createEmitter<undefined>();
  #timer: Disposable | undefined;
  #watched = false;
  #disposed = false;

  /** A daemon came. */
  readonly onDidChange = this.#listChanges.event;
  /** What is shown of one changed. */
  readonly onDidChangeSource = this.#sourceChanges.event;

  constructor(deps: DaemonsDeps) {
    this.#deps = deps;
  }

  get list(): readonly DaemonSource[] {
    return [...this.#sources.values()];
  }

  /** Somebody looks, or nobody does any more. */
  watch(watched: boolean): void {
    if (this.#watched === watched) return;
    this.#watched = watched;
    this.#timer?.dispose();
    this.#timer = undefined;
    if (watched) void this.#look();
  }

  dispose(): void {
    this.#disposed = true;
    this.watch(false);
    for (const source of this.#sources.values()) source.dispose();
    this.#listChanges.dispose();
    this.#sourceChanges.dispose();
  }

  async #look(): Promise<void> {
    try {
      await this.#find();
      await Promise.all(this.list.map((source) => source.refresh()));
    } catch (error) {
      this.#deps.log(
        `Daemons could not be looked for: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    if (!this.#watched) return;
    this.#timer?.dispose();
    this.#timer = this.#deps.clock.after(EVERY, () => void this.#look());
  }

  async #find(): Promise<void> {
    const { announcedDaemons, createDaemonClient, DaemonCallError } = await import('./daemonAccess.ts');
    const found = await announcedDaemons(await this.#deps.folder(), hostname());
    const files = new Set([...namedDaemons(this.#deps.settings), ...found]);
    const fresh = [...files].filter((file) => !this.#sources.has(file));
    if (fresh.length === 0 || this.#disposed) return;
    for (const file of fresh) {
      const source = new DaemonSource(createDaemonClient(file), (error) => error instanceof DaemonCallError);
      source.onDidChange(() => this.#sourceChanges.fire(undefined));
      this.#sources.set(file, source);
    }
    this.#listChanges.fire(undefined);
  }
}

/** Throws a SettingsError. */
function namedDaemons(settings: SettingsReader): readonly string[] {
  const value = settings.get('pipeline.daemons') ?? [];
  if (Array.isArray(value) && value.every((file) => typeof file === 'string' && isAbsolute(file))) {
    return value as readonly string[];
  }
  throw new SettingsError(
    'pipeline.daemons',
    'is no list of absolute paths',
    'Name connection files of daemons',
  );
}

/** Where `desc-panda jobcontrold` notes itself. */
export async function daemonsFolder(): Promise<string> {
  const { defaultDataHome } = await import('../../sandbox/index.ts');
  return join(dirname(defaultDataHome(process.env, homedir())), 'daemons');
}
