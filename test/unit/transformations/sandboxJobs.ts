import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createPandaClient,
  isFinal,
  type JobRecord,
  type JobRequest,
  type PandaClient,
  type Profile,
} from '../../../src/panda/index.ts';
import {
  createSandboxControl,
  sandboxLayout,
  sandboxProfile,
  type SandboxControl,
} from '../../../src/sandbox/index.ts';
import { createStagingStores, outputKey } from '../../../src/staging/index.ts';
import {
  createTransformations,
  type BuildResult,
  type TransformationOptions,
} from '../../../src/transformations/index.ts';
import {
  createJobFiles,
  createSubmissionJournal,
  stagedJob,
  submitJobs,
  systemClock,
} from '../../../src/watch/index.ts';
import type { JobFileList, SubmitJobsDeps } from '../../../src/watch/index.ts';
import { until } from '../sandbox/pilot/pilotProcess.ts';
import { readPayloadSource } from './payloadSources.ts';

const source = (name: string) => fileURLToPath(new URL(`../../../src/sandbox/${name}`, import.meta.url));

/** Builds jobs of a transformation from a file of this machine, for a sandbox. */
export async function buildFor(
  id: string,
  path: string | undefined,
  options: TransformationOptions = {},
): Promise<BuildResult> {
  const transformation = createTransformations(readPayloadSource).find((one) => one.id === id)!;
  const all = { sandbox: true, ...options };
  const file = path === undefined ? undefined : { path, content: new Uint8Array() };
  return (await transformation.read(file, all)).build(all);
}

/** A real sandbox with its pilot, in a folder whose name holds blanks and more. */
export class SandboxJobs {
  readonly folder = mkdtempSync(join(tmpdir(), "desc-panda it's $(x) "));
  readonly #control: SandboxControl;
  readonly #staged: boolean;
  #profile: Profile | undefined;
  #client: PandaClient | undefined;

  /** `staged`: its profile stages files, as that of the sandbox does; else they go along as with profiles that do not. */
  constructor({ staged = false } = {}) {
    this.#staged = staged;
    this.#control = createSandboxControl({
      options: { dataFolder: this.folder, port: 0, slots: 2, heartbeatSeconds: 1 },
      nodePath: process.execPath,
      mainEntry: source('main.ts'),
      pilotEntry: source('pilot/main.ts'),
      payloadFolder: fileURLToPath(new URL('../../../src/transformations/runGen', import.meta.url)),
      env: {},
      version: '1.2.3',
    });
  }

  async start(): Promise<void> {
    const connection = await this.#control.start();
    this.#profile = sandboxProfile(connection, 'jane doe', this.#staged ? this.folder : undefined);
    this.#client = createPandaClient(this.#profile);
  }

  async stop(): Promise<void> {
    this.#client?.dispose();
    await this.#control.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  get client(): PandaClient {
    assert.ok(this.#client);
    return this.#client;
  }

  get profile(): Profile {
    assert.ok(this.#profile);
    return this.#profile;
  }

  /** What submitting takes; another profile or other stores may be given. */
  deps(change: Partial<SubmitJobsDeps> = {}): SubmitJobsDeps {
    return {
      client: this.client,
      profile: this.profile,
      journal: createSubmissionJournal(join(this.folder, 'journal')),
      clock: systemClock,
      random: Math.random,
      stores: createStagingStores(),
      uploadsFolder: join(this.folder, 'uploads'),
      ...change,
    };
  }

  async submit(requests: readonly JobRequest[], deps = this.deps()): Promise<readonly number[]> {
    const { outcomes } = await submitJobs({ name: 'test', requests }, deps);
    return outcomes.map((outcome) => {
      assert.ok(outcome.kind === 'accepted', JSON.stringify(outcome));
      return outcome.pandaId;
    });
  }

  async ended(id: number): Promise<JobRecord> {
    return until(
      `end of job ${id}`,
      async () => {
        const [record] = await this.client.jobs.describe([id]);
        return record != null && isFinal(record.jobStatus) && record;
      },
      120_000,
    );
  }

  files(record: JobRecord): Promise<JobFileList> {
    return createJobFiles(this.client, this.deps()).list(record);
  }

  /** Path of a file that a job left, with its pilot or where it is staged. */
  stored(record: JobRecord, name: string): string {
    const beside = join(sandboxLayout(this.folder).storageFolder, String(record.PandaID), name);
    const place = stagedJob(record, this.deps());
    if (place?.settings.kind !== 'folder' || existsSync(beside)) return beside;
    return join(place.settings.folder, outputKey(place.attempt, name));
  }
}
