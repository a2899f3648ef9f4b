import type { CatalogNode } from './nodes.ts';
import { badRequest, CatalogRefusal } from './refusal.ts';

/** Who may do what: `r` read, `i` insert, `d` delete, `w` write, `a` administer. */
export interface AclEntry {
  readonly subject: string;
  readonly permissions: string;
}

export type Right = 'r' | 'i' | 'd' | 'w' | 'a';

/** Everybody, and everybody who is known. Nobody of a sandbox is in any other group. */
export const PUBLIC = '$PUBLIC$';
export const PROTECTED = '$PROTECTED$';

const ORDER = 'ridwa';
const MOST_ENTRIES = 32;

/** Of a new catalog: who is signed in may do everything, others nothing. */
export const ROOT_PERMISSIONS: readonly AclEntry[] = [{ subject: PROTECTED, permissions: ORDER }];

/** What holds at the end of a way from the root: the last that has its own. */
export function permissionsOf(way: readonly CatalogNode[]): readonly AclEntry[] {
  return way.findLast(({ permissions }) => permissions !== undefined)?.permissions ?? [];
}

/** Rights of somebody there, in the order `ridwa`. */
export function rightsOf(way: readonly CatalogNode[], isKnown: boolean): string {
  const own = permissionsOf(way).filter(
    ({ subject }) => subject === PUBLIC || (isKnown && subject === PROTECTED),
  );
  return inOrder(own.map(({ permissions }) => permissions).join(''));
}

/** Throws CatalogRefusal where somebody has not all of these rights. */
export function demand(way: readonly CatalogNode[], isKnown: boolean, ...rights: readonly Right[]): void {
  const has = rightsOf(way, isKnown);
  if (rights.every((right) => has.includes(right))) return;
  throw new CatalogRefusal(403, 'AccessDeniedException', `No permission to ${VERBS[rights[0] ?? 'r']}`);
}

const VERBS: Readonly<Record<Right, string>> = {
  r: 'read',
  i: 'insert',
  d: 'delete',
  w: 'write',
  a: 'administer',
};

/** The list of a request. */
export function readAcl(body: unknown): readonly AclEntry[] {
  if (!Array.isArray(body) || body.length > MOST_ENTRIES) {
    throw badRequest('Unable to validate input', `permissions are a list of at most ${MOST_ENTRIES}`);
  }
  return body.map((entry: unknown) => {
    const { subject, permissions } = (entry ?? {}) as {
      readonly subject?: unknown;
      readonly permissions?: unknown;
    };
    const isSubject =
      typeof subject === 'string' && /^(?:\$PUBLIC\$|\$PROTECTED\$|[\w.-]+@[\w.-]+)$/u.test(subject);
    if (!isSubject || typeof permissions !== 'string' || !/^[ridwa]*$/u.test(permissions)) {
      throw badRequest('Unable to validate input', 'an entry of permissions has no subject or other rights');
    }
    return { subject, permissions: inOrder(permissions) };
  });
}

/** By subject; one without rights goes. */
export function mergeAcl(before: readonly AclEntry[], changes: readonly AclEntry[]): readonly AclEntry[] {
  const merged = new Map([...before, ...changes].map((entry) => [entry.subject, entry]));
  return [...merged.values()].filter(({ permissions }) => permissions !== '');
}

function inOrder(rights: string): string {
  return [...ORDER].filter((right) => rights.includes(right)).join('');
}
