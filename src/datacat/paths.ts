import { DatacatError } from './errors.ts';
import type { DatasetView } from './api.ts';

/** Longest name, characters. */
export const LONGEST_NAME = 255;

/** A path without a slash at its end and without empty parts. Throws DatacatError for one that is none. */
export function checkedPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const isPath = path.startsWith('/') && !parts.some((part) => part === '.' || part === '..');
  if (!isPath || parts.some((part) => part.length > LONGEST_NAME || /\p{Cc}/u.test(part))) {
    throw notAPath(path, 'it is not a path like /desc/run1');
  }
  return `/${parts.join('/')}`;
}

/** A name within a container. Throws DatacatError. */
export function checkedName(name: string): string {
  const isName =
    name !== '' && name !== '.' && name !== '..' && !/[/\p{Cc}]/u.test(name) && name.length <= LONGEST_NAME;
  if (!isName) throw notAPath(name, `a name has 1 to ${LONGEST_NAME} characters and no slash`);
  return name;
}

export function childPath(container: string, name: string): string {
  return container === '/' ? `/${name}` : `${container}/${name}`;
}

/** The container of a path; undefined for the root. */
export function parentPath(path: string): string | undefined {
  if (path === '/') return undefined;
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** The targets of a search in a container and everything below it. */
export function withAllBelow(path: string): readonly string[] {
  return [path, childPath(path, '**')];
}

function notAPath(path: string, cameBack: string): DatacatError {
  return new DatacatError({
    kind: 'rejected',
    tried: `use ${JSON.stringify(path.slice(0, 300))} in the data catalog`,
    cameBack,
    advice: 'Mend it; nothing was sent',
  });
}

/** Percent-encoded, but for what targets of a search are made of; a semicolon of a name must not begin a view. */
export function encodedPath(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%24', '$').replaceAll("'", '%27'))
    .join('/');
}

/** The matrix parameters that select a version and locations. */
export function viewText({ version = 'current', site = 'all' }: DatasetView): string {
  return `;v=${version};s=${encodeURIComponent(site)}`;
}
