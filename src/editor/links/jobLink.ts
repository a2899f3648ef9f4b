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

/** Undefined for anything else: links come from anywhere. `path` and `query` as the editor gives them, decoded once. */
export function parseLink(path: string, query: string): Link | undefined {
  const [, kind, digits = ''] = /^\/(job|task)\/(\d{1,16})\/?$/u.exec(path) ?? [];
  const id = Number(digits);
  if ((kind !== 'job' && kind !== 'task') || !Number.isSafeInteger(id) || id === 0) return undefined;
  const parameters = new URLSearchParams(query);
  if ([...parameters.keys()].some((name) => name !== 'profile')) return undefined;
  const names = parameters.getAll('profile');
  const [profile] = names;
  if (names.length > 1 || (profile !== undefined && !/^[\w.@ -]{1,100}$/u.test(profile))) return undefined;
  return { kind, id, profile };
}
