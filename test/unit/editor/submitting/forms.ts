import type { SubmitForm } from '../../../../src/editor/submitting/submitForm.ts';
import type { JobRequest, SiteSpec } from '../../../../src/panda/index.ts';
import { createTransformations } from '../../../../src/transformations/index.ts';

export const cacheUrl = (name: string): string => `https://panda.test:25443/cache/${name}`;
export const transformations = createTransformations(() => Buffer.from('#!/bin/sh\n'));
export const script = transformations.find(({ id }) => id === 'script')!;

function site(name: string, status: string): SiteSpec {
  const nothing = {
    cloud: null,
    coreCount: null,
    maxMemoryMB: null,
    maxWorkDirMB: null,
    maxTimeSeconds: null,
  };
  return { name, status, ...nothing, comment: null, raw: {} };
}

/** A form as it opens for a script, with what is different. */
export function form(change: Partial<SubmitForm> = {}, content = '#!/bin/sh\necho\n'): SubmitForm {
  const file = { path: '/home/ada/r22.sh', content: Buffer.from(content) };
  return {
    file,
    reading: {
      description: 'A script',
      diagnostics: [],
      files: [],
      build: (options) => script.build(file, options),
    },
    unsaved: false,
    transformation: script,
    options: {},
    profile: 'USDF',
    staging: undefined,
    defaultSite: 'SLAC',
    sites: [site('SLAC', 'online'), site('BNL', 'brokeroff')],
    ...change,
  };
}

/** A request as a form makes it of a script, with what is different. */
export function request(change: Partial<JobRequest>): JobRequest {
  return {
    name: 'r22',
    transformation: {
      id: 'script',
      payload: { name: 'run-script-0123456789ab.sh', content: new Uint8Array() },
      tarball: { name: 'jobO.0123456789abcdef.tar.gz', content: new Uint8Array() },
    },
    arguments: [],
    site: 'SLAC',
    resources: { cores: 1, memoryMB: 2000, diskMB: 1000, walltimeSeconds: 3600 },
    outputs: [],
    pipeline: undefined,
    ...change,
  };
}
