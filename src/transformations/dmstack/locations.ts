import { isAbsolute } from 'node:path';

/** A location that is part of a release, or of the site, and not beside the file. */
export function isElsewhere(location: string): boolean {
  return location.includes('$') || isAbsolute(location) || /^[a-z][a-z0-9+.-]*:/iu.test(location);
}
