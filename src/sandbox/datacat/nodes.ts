import type { Row, Store } from '../server/store/store.ts';
import type { StoredMetadata } from './metadata.ts';
import type { AclEntry } from './permissions.ts';

/** A folder, group or dataset as it is stored. */
export interface CatalogNode {
  readonly pk: number;
  readonly parentPk: number | null;
  readonly kind: 'folder' | 'group' | 'dataset';
  readonly name: string;
  readonly path: string;
  readonly description: string | null;
  readonly metadata: readonly StoredMetadata[];
  /** Undefined where those of the parent hold. */
  readonly permissions: readonly AclEntry[] | undefined;
  readonly dataType: string | null;
  readonly fileFormat: string | null;
  /** Epoch milliseconds. */
  readonly created: number;
}

const COLUMNS = 'pk, parentPk, kind, name, description, metadata, permissions, dataType, fileFormat, created';

/** The root, which is made when it is first looked for; `permissions`: of a new one. */
export function rootNode(store: Store, permissions: readonly AclEntry[], now: number): CatalogNode {
  const found = rootRow(store);
  if (found !== undefined) return found;
  store.run(
    `INSERT INTO catalogNodes (kind, name, metadata, permissions, created) VALUES ('folder', '', '[]', ?, ?)`,
    JSON.stringify(permissions),
    now,
  );
  const made = rootRow(store);
  if (made === undefined) throw new Error('the root of the catalog was not stored');
  return made;
}

function rootRow(store: Store): CatalogNode | undefined {
  const [row] = store.rows(`SELECT ${COLUMNS} FROM catalogNodes WHERE parentPk IS NULL`);
  return row === undefined ? undefined : readNode(row, undefined);
}

/** The nodes from the root to the one of these names; shorter than that where it does not exist. */
export function walk(store: Store, root: CatalogNode, names: readonly string[]): readonly CatalogNode[] {
  const way = [root];
  for (const name of names) {
    const parent = way.at(-1) ?? root;
    const [row] = store.rows(
      `SELECT ${COLUMNS} FROM catalogNodes WHERE parentPk = ? AND name = ?`,
      parent.pk,
      name,
    );
    if (row === undefined) break;
    way.push(readNode(row, parent));
  }
  return way;
}

/** Children by name. */
export function childNodes(
  store: Store,
  parent: CatalogNode,
  options: {
    readonly kinds?: readonly CatalogNode['kind'][];
    readonly offset?: number;
    readonly max?: number;
  } = {},
): readonly CatalogNode[] {
  const { kinds = ['folder', 'group', 'dataset'], offset = 0, max = -1 } = options;
  return store
    .rows(
      `SELECT ${COLUMNS} FROM catalogNodes WHERE parentPk = ? AND kind IN (${kinds.map(() => '?').join(', ')})
        ORDER BY name LIMIT ? OFFSET ?`,
      parent.pk,
      ...kinds,
      max,
      offset,
    )
    .map((row) => readNode(row, parent));
}

/** How many children of each kind. */
export function countChildren(
  store: Store,
  parent: CatalogNode,
): Readonly<Record<CatalogNode['kind'], number>> {
  const counts = { folder: 0, group: 0, dataset: 0 };
  for (const [kind, count] of store.rows(
    'SELECT kind, count(*) FROM catalogNodes WHERE parentPk = ? GROUP BY kind',
    parent.pk,
  )) {
    counts[kind as CatalogNode['kind']] = Number(count);
  }
  return counts;
}

export interface NewNode {
  readonly kind: CatalogNode['kind'];
  readonly name: string;
  readonly description?: string | null;
  readonly metadata?: readonly StoredMetadata[];
  readonly dataType?: string;
  readonly fileFormat?: string;
}

export function insertNode(store: Store, parent: CatalogNode, node: NewNode, now: number): CatalogNode {
  const { kind, name, description = null, metadata = [], dataType = null, fileFormat = null } = node;
  store.run(
    `INSERT INTO catalogNodes (parentPk, kind, name, description, metadata, dataType, fileFormat, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    parent.pk,
    kind,
    name,
    description,
    JSON.stringify(metadata),
    dataType,
    fileFormat,
    now,
  );
  const made = walk(store, parent, [name])[1];
  if (made === undefined) throw new Error(`${name} was not stored in the catalog`);
  return made;
}

export function removeNode(store: Store, { pk }: CatalogNode): void {
  store.run(
    'DELETE FROM catalogLocations WHERE versionPk IN (SELECT pk FROM catalogVersions WHERE datasetPk = ?)',
    pk,
  );
  store.run('DELETE FROM catalogVersions WHERE datasetPk = ?', pk);
  store.run('DELETE FROM catalogNodes WHERE pk = ?', pk);
}

export function changeNode(
  store: Store,
  { pk }: CatalogNode,
  changes: { readonly description: string | null; readonly metadata: readonly StoredMetadata[] },
): void {
  const { description, metadata } = changes;
  store.run(
    'UPDATE catalogNodes SET description = ?, metadata = ? WHERE pk = ?',
    description,
    JSON.stringify(metadata),
    pk,
  );
}

export function setPermissions(store: Store, { pk }: CatalogNode, permissions: readonly AclEntry[]): void {
  store.run('UPDATE catalogNodes SET permissions = ? WHERE pk = ?', JSON.stringify(permissions), pk);
}

function readNode(row: Row, parent: CatalogNode | undefined): CatalogNode {
  const [pk, parentPk, kind, name, description, metadata, permissions, dataType, fileFormat, created] = row;
  const own = String(name);
  return {
    pk: Number(pk),
    parentPk: parentPk === null ? null : Number(parentPk),
    kind: kind as CatalogNode['kind'],
    name: own,
    path: parent === undefined ? '/' : parent.parentPk === null ? `/${own}` : `${parent.path}/${own}`,
    description: text(description),
    metadata: JSON.parse(String(metadata)) as readonly StoredMetadata[],
    permissions:
      typeof permissions === 'string' ? (JSON.parse(permissions) as readonly AclEntry[]) : undefined,
    dataType: text(dataType),
    fileFormat: text(fileFormat),
    created: Number(created),
  };
}

function text(value: Row[number] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
