import { EXTENSION_ID } from '../contributions.ts';

/** What a link names: a job or a task, and the profile that knows it. */
export interface Link {
  readonly kind: 'job' | 'task';
  readonly id: number;
  /** Undefined for the profile in use. */
  readonly profile: string | undefined;
}

/** `<scheme>://lsst-desc.desc-panda/job/<PandaID>?profile=<name>`. `scheme`: the editor's own. */
export function linkText(scheme: string, { kind, id, profile }: Link): string {
  const query = profile === undefined ? '' : `?profile=${encodeURIComponent(profile)}`;
  return `${scheme}://${EXTENSION_ID}/${kind}/${id}${query}`;
}

/** Undefined for anything else: links come from anywhere. `path` and `query` as the editor gives them, decoded. */
export function parseLink(path: string, query: string): Link | undefined {
  const [, kind, digits = ''] = /^\/(job|task)\/(\d{1,16})\/?$/u.exec(path) ?? [];
  const id = Number(digits);
  if ((kind !== 'job' && kind !== 'task') || !Number.isSafeInteger(id) || id === 0) return undefined;
  if (query === '') return { kind, id, profile: undefined };
  const profile = decode(/^profile=(.*)$/su.exec(query)?.[1] ?? '');
  return PROFILE_NAME.test(profile) ? { kind, id, profile } : undefined;
}

/** Of any script, but nothing that could be more than text where it is shown. */
const PROFILE_NAME = /^[\p{L}\p{M}\p{N}_.@ +-]{1,100}$/u;

/** Some systems hand links on as they are written. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
