import type { Profile } from '../../panda/index.ts';
import type { PreparedSubmission } from '../../watch/index.ts';

/** Exactly what would be sent, to be read: the records of the jobs with what is unset left out, and the files. */
export function previewText(
  prepared: PreparedSubmission,
  profile: Profile,
  cacheUrl: (name: string) => string,
): string {
  const jobs = prepared.jobs.map(({ spec }) => {
    const { files, ...attributes } = spec;
    return { ...withoutUnset(attributes), files: files.map(withoutUnset) };
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
    jobs,
  };
  return `${JSON.stringify(preview, undefined, 2)}\n`;
}

function withoutUnset(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}
