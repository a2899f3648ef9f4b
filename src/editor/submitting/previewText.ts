import type { Profile } from '../../panda/index.ts';
import { describePlace } from '../../staging/index.ts';
import type { PreparedSubmission } from '../../watch/index.ts';

/** Exactly what would be sent, to be read: the records of the jobs with what is unset left out, and the files. */
export function previewText(
  prepared: PreparedSubmission,
  profile: Profile,
  cacheUrl: (name: string) => string,
): string {
  const { staging, inputs } = prepared;
  const jobs = prepared.jobs.map(({ spec, request }) => {
    const { files, ...attributes } = spec;
    const outputs = staging === undefined ? {} : { stagedOutputs: request.outputs };
    return { ...withoutUnset(attributes), files: files.map(withoutUnset), ...outputs };
  });
  const files = prepared.cacheFiles.map(({ name, content }) => ({
    name,
    bytes: content.length,
    fetchedFrom: cacheUrl(name),
  }));
  const preview = {
    profile: profile.name,
    server: profile.server,
    name: prepared.name,
    uploads: files,
    ...(staging === undefined
      ? {}
      : { stagedIn: describePlace(staging.settings), staged: stagedFiles(inputs) }),
    jobs,
  };
  return `${JSON.stringify(preview, undefined, 2)}\n`;
}

function stagedFiles({ files, staged }: PreparedSubmission['inputs']): readonly object[] {
  return [
    ...files.map(({ name, path, size }) => ({ name, bytes: size, from: path })),
    ...staged.map(({ name, size }) => ({ name, bytes: size, from: 'an earlier job' })),
  ];
}

function withoutUnset(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}
