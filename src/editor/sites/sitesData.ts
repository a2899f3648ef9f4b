import type { ResourceType, SiteSpec, StateCounts } from '../../panda/index.ts';
import { createEmitter, siteViews, type Clock, type Disposable, type SiteView } from '../../watch/index.ts';
import type { Session } from '../session.ts';

/** A real server counts anew once a minute; a sandbox at each call (ms). */
const EVERY = 60_000;
const EVERY_IN_SANDBOX = 5000;

/** What is known of the sites of a session, read anew while somebody looks. */
export class SitesData implements Disposable {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #changes = createEmitter<undefined>();
  readonly #ending = new AbortController();
  #specs: readonly SiteSpec[] = [];
  #resourceTypes: readonly ResourceType[] = [];
  #statistics: Readonly<Record<string, StateCounts>> = {};
  #trouble: Error | undefined;
  /** The last try. */
  #readAt = -Infinity;
  #asOf: number | undefined;
  #resumed = false;
  #timer: Disposable | undefined;
  #underWay: Promise<void> | undefined;

  readonly onDidChange = this.#changes.event;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  get sites(): readonly SiteView[] {
    return siteViews(this.#specs, this.#statistics, this.#session.store);
  }

  get resourceTypes(): readonly ResourceType[] {
    return this.#resourceTypes;
  }

  /** Why the last reading failed; what is shown is older. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  get isRead(): boolean {
    return this.#asOf !== undefined;
  }

  /** When what is shown was read, epoch milliseconds. */
  get asOf(): number | undefined {
    return this.#asOf;
  }

  /** Reads when it is time, and again and again until `pause`. */
  resume(): void {
    this.#resumed = true;
    this.#schedule();
  }

  pause(): void {
    this.#resumed = false;
    this.#timer?.dispose();
  }

  /** Reads now, joining a reading under way; rejects as it did. */
  refresh(): Promise<void> {
    this.#underWay ??= this.#read().finally(() => {
      this.#underWay = undefined;
      if (this.#resumed) this.#schedule();
    });
    return this.#underWay;
  }

  dispose(): void {
    this.pause();
    this.#ending.abort();
    this.#changes.dispose();
  }

  #schedule(): void {
    this.#timer?.dispose();
    const every = this.#session.storageFolder === undefined ? EVERY : EVERY_IN_SANDBOX;
    const wait = Math.max(0, this.#readAt + every - this.#clock.now());
    this.#timer = this.#clock.after(wait, () => {
      // The trouble is kept for the view.
      this.refresh().catch(() => undefined);
    });
  }

  async #read(): Promise<void> {
    const { metaconfig, statistics } = this.#session.client;
    const options = { signal: this.#ending.signal };
    try {
      [this.#specs, this.#statistics, this.#resourceTypes] = await Promise.all([
        metaconfig.getSiteSpecs(options),
        statistics.activeJobsBySite(options),
        metaconfig.getResourceTypes(options),
      ]);
      this.#trouble = undefined;
      this.#asOf = this.#clock.now();
    } catch (error) {
      this.#trouble = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      this.#readAt = this.#clock.now();
      if (!this.#ending.signal.aborted) this.#changes.fire(undefined);
    }
  }
}
