import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildJobSpec,
  createPandaClient,
  isFinal,
  makeJobName,
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
import {
  createTransformations,
  type BuildResult,
  type TransformationOptions,
} from '../../../src/transformations/index.ts';
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
  #profile: Profile | undefined;
  #client: PandaClient | undefined;
  #number = 0;

  constructor() {
    this.#control = createSandboxControl({
      options: { dataFolder: this.folder, port: 0, slots: 2, heartbeatSeconds: 1 },
      nodePath: process.execPath,
      mainEntry: source('main.ts'),
      pilotEntry: source('pilot/main.ts'),
      env: {},
      version: '1.2.3',
    });
  }

  async start(): Promise<void> {
    this.#profile = sandboxProfile(await this.#control.start(), 'jane doe');
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

  async submit(requests: readonly JobRequest[]): Promise<readonly number[]> {
    const { client } = this;
    const profile = this.#profile!;
    const specs = [];
    for (const request of requests) {
      const { payload, tarball } = request.transformation;
      for (const file of [payload, tarball]) {
        if (file !== undefined) await client.files.ensureCacheFile(file.name, file.content);
      }
      this.#number += 1;
      const jobName = makeJobName(request.name, 'abcdefghij', this.#number);
      const cacheUrl = (name: string) => client.files.cacheUrl(name);
      specs.push(buildJobSpec(request, { profile, jobName, jobDefinitionId: 1, cacheUrl }));
    }
    return (await client.jobs.submit(specs)).map((outcome) => {
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

  /** Path of a file that a job left. */
  stored(record: JobRecord, name: string): string {
    return join(sandboxLayout(this.folder).storageFolder, String(record.PandaID), name);
  }
}
