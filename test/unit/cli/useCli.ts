import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHarness, golden } from './harness.ts';
import type { CallOptions, Harness, Printed } from './harness.ts';

/** The program with calls written as people type them. */
export interface Cli {
  /** Of the test that runs. */
  readonly harness: () => Harness;
  /** What it prints, with everything replaced that differs from run to run. */
  readonly call: (line: string, options?: CallOptions) => Promise<Printed>;
  readonly json: <T>(line: string) => Promise<T>;
  /** The PandaID of a job submitted now. */
  readonly submitted: (line?: string) => Promise<number>;
  /** Writes the file of profiles. */
  readonly writeProfiles: (text: string) => Promise<void>;
}

/** Registers hooks: each test has a program of its own, with a script `s.sh` in its folder. */
export function useCli(): Cli {
  let harness: Harness;
  beforeEach(async () => {
    harness = await createHarness();
    await writeFile(join(harness.folder, 's.sh'), '#!/bin/sh\necho hi\n');
  });
  afterEach(() => harness.dispose());

  const json = async <T>(line: string): Promise<T> =>
    JSON.parse((await harness.call(`${line} --json`.split(' '))).stdout) as T;
  return {
    harness: () => harness,
    async call(line, options) {
      const printed = await harness.call(line.split(' '), options);
      return { ...printed, stdout: golden(printed.stdout, harness), stderr: golden(printed.stderr, harness) };
    },
    json,
    async submitted(line = 'submit s.sh') {
      const { jobs } = await json<{ jobs: { pandaId: number }[] }>(line);
      return jobs[0]!.pandaId;
    },
    async writeProfiles(text) {
      const folder = join(harness.folder, 'config', 'desc-panda');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'profiles.json'), text);
    },
  };
}
