import { buildJobSpec, makeJobName, makeSubmissionId } from '../../src/panda/index.ts';
import type { JobSpec, PandaClient } from '../../src/panda/index.ts';
import { sandboxProfile } from '../../src/sandbox/profile.ts';

/** A script that does nothing; it has to be in the cache where its jobs run. */
export const benchPayload = { name: 'bench-nothing.sh', content: new TextEncoder().encode('#!/bin/sh\n') };

/** That many different jobs that do nothing. */
export function benchSpecs(client: PandaClient, user: string, count: number): JobSpec[] {
  const profile = sandboxProfile({ url: '', token: '', pid: 0, startedAt: 0 }, user);
  const submission = makeSubmissionId(Date.now(), Math.random);
  const request = {
    name: 'nothing',
    transformation: { id: 'script', payload: benchPayload, tarball: undefined },
    arguments: [],
    site: undefined,
    resources: { cores: 1, memoryMB: 100, diskMB: 100, walltimeSeconds: 600 },
    outputs: [],
    pipeline: undefined,
  };
  return Array.from({ length: count }, (_, index) =>
    buildJobSpec(request, {
      profile,
      jobName: makeJobName('nothing', submission, index + 1),
      jobDefinitionId: 1,
      cacheUrl: (name) => client.files.cacheUrl(name),
    }),
  );
}
