import type { Store } from '../server/store/store.ts';
import { asObject, refuseUnknown, text } from './datasetRequest.ts';
import { patchDataset, postDataset, postKind, versionOf } from './datasets.ts';
import { describeDataset, describeNode, describeWithCounts } from './describe.ts';
import { mergeMetadata } from './metadata.ts';
import {
  changeNode,
  childNodes,
  countChildren,
  insertNode,
  removeNode,
  rootNode,
  setPermissions,
  walk,
  type CatalogNode,
} from './nodes.ts';
import { demand, mergeAcl, permissionsOf, readAcl, rightsOf, ROOT_PERMISSIONS } from './permissions.ts';
import { badRequest, CatalogRefusal, noSuchFile } from './refusal.ts';
import { readTarget, type Target } from './requestPath.ts';
import { searchDatasets } from './search.ts';
import { locationsOf } from './versions.ts';

/** A request, read. */
export interface CatalogCall {
  readonly method: string;
  /** Below the base: `/path.json/desc;children`. */
  readonly path: string;
  /** Address of the catalog. */
  readonly base: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly isKnown: boolean;
}

export interface CatalogAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly location?: string;
  /** Of a part of a list. */
  readonly range?: string;
}

interface Call extends CatalogCall {
  readonly store: Store;
  readonly now: number;
  readonly root: CatalogNode;
  readonly target: Target;
  /** From the root to what the target names, as far as that exists. */
  readonly way: readonly CatalogNode[];
}

/** Does what a request asks for; runs within a transaction. Throws CatalogRefusal. */
export function answerCatalogCall(store: Store, call: CatalogCall, now: number): CatalogAnswer {
  const [, endpoint = '', rest = ''] = /^\/(\w+)(?:\.json)?(\/.*|;.*)?$/u.exec(call.path) ?? [];
  const root = rootNode(store, ROOT_PERMISSIONS, now);
  if (endpoint === 'search') return search({ ...call, store, root }, rest);
  const target = readTarget(rest);
  const whole = { ...call, store, now, root, target, way: walk(store, root, target.names) };
  const answer = Object.hasOwn(ENDPOINTS, endpoint) ? ENDPOINTS[endpoint] : undefined;
  if (answer === undefined) throw new CatalogRefusal(404, 'NotFoundException', `There is no ${endpoint}`);
  return answer(whole);
}

const ENDPOINTS: Readonly<Record<string, (call: Call) => CatalogAnswer>> = {
  path: (call) => onlyGet(call, () => get(call, nodeOf(call))),
  folders: (call) => containers(call, 'folder'),
  groups: (call) => containers(call, 'group'),
  containers: (call) => containers(call, undefined),
  datasets,
  permissions,
};

function onlyGet({ method }: Call, answer: () => CatalogAnswer): CatalogAnswer {
  if (method === 'GET' || method === 'HEAD') return answer();
  throw new CatalogRefusal(405, 'NotAllowedException', `${method} is not allowed`);
}

function nodeOf({ way, target, root }: Call): CatalogNode {
  const node = way.at(-1) ?? root;
  if (way.length <= target.names.length) throw noSuchFile(`/${target.names.join('/')}`);
  return node;
}

/** The container at a target that things are made in. */
function parentOf(call: Call): CatalogNode {
  if (call.way.length <= call.target.names.length) {
    throw new CatalogRefusal(404, 'NoSuchFileException', "Parent file doesn't exist");
  }
  return nodeOf(call);
}

function get(call: Call, node: CatalogNode): CatalogAnswer {
  const { store, way, isKnown, target } = call;
  demand(way, isKnown, 'r');
  if (target.children !== undefined) return children(call, node, target.children);
  if (node.kind === 'dataset') return getDataset(call, node);
  if (target.metadata === 'versionMetadata') {
    throw badRequest('Unable to process view', 'a container has no version');
  }
  if (target.metadata !== undefined) return metadataAnswer(node.metadata);
  const { stat } = target;
  return {
    status: 200,
    body: stat === undefined ? describeNode(node) : describeWithCounts(store, node, stat),
  };
}

function getDataset({ store, target }: Call, node: CatalogNode): CatalogAnswer {
  const { version: wanted, site, metadata } = target;
  if (metadata === 'metadata') return metadataAnswer(node.metadata);
  if (wanted === undefined && site === undefined && metadata === undefined) {
    return { status: 200, body: describeNode(node) };
  }
  const version = versionOf(store, node, wanted);
  if (metadata !== undefined) return metadataAnswer(version.metadata);
  return { status: 200, body: describeDataset(node, version, locationsOf(store, version, site)) };
}

function metadataAnswer(metadata: CatalogNode['metadata']): CatalogAnswer {
  return metadata.length === 0 ? { status: 204 } : { status: 200, body: metadata };
}

function children(call: Call, node: CatalogNode, which: 'all' | 'containers'): CatalogAnswer {
  const { store, query } = call;
  if (node.kind === 'dataset') throw badRequest('Unable to process view', 'a dataset has no children');
  const withDatasets = which === 'all' && query.get('datasets') !== 'false';
  const kinds = withDatasets ? (['folder', 'group', 'dataset'] as const) : (['folder', 'group'] as const);
  const offset = countOf(query, 'offset', 0);
  const found = childNodes(store, node, { kinds, offset, max: countOf(query, 'max', 100_000) });
  const counts = countChildren(store, node);
  // One too small, as the real one tells it.
  const total = query.has('showCount') ? String(counts.folder + counts.group + counts.dataset - 1) : '*';
  const range = `items ${offset}-${offset + found.length - 1}/${total}`;
  return { status: 200, body: found.map(describeNode), range };
}

function countOf(query: URLSearchParams, name: string, otherwise: number): number {
  const value = query.get(name) ?? String(otherwise);
  if (/^\d{1,9}$/u.test(value)) return Number(value);
  throw badRequest('Unable to validate input', `${name} is not a number`);
}

function containers(call: Call, usual: 'folder' | 'group' | undefined): CatalogAnswer {
  const { method, store, way, isKnown } = call;
  if (method === 'POST') return makeContainer(call, parentOf(call), usual);
  const node = nodeOf(call);
  if (node.kind === 'dataset') throw badRequest('The target is not a container');
  if (method === 'PATCH') return changeContainer(call, node);
  if (method !== 'DELETE') return onlyGet(call, () => get(call, node));
  demand(way, isKnown, 'd');
  const { folder, group, dataset } = countChildren(store, node);
  if (node.parentPk === null) throw badRequest('The root cannot be removed');
  if (folder + group + dataset > 0) {
    throw new CatalogRefusal(409, 'DirectoryNotEmptyException', 'Directory not empty');
  }
  removeNode(store, node);
  return { status: 204 };
}

const CONTAINER_FIELDS = ['_type', 'name', 'path', 'description', 'metadata'];

function makeContainer(
  call: Call,
  parent: CatalogNode,
  usual: 'folder' | 'group' | undefined,
): CatalogAnswer {
  const { store, way, isKnown, now, body } = call;
  if (parent.kind !== 'folder') {
    throw new CatalogRefusal(404, 'NotDirectoryException', "Parent file doesn't exist");
  }
  demand(way, isKnown, 'i');
  const json = asObject(body);
  refuseUnknown(json, CONTAINER_FIELDS);
  const name = text(json, 'name', 255);
  const kind = json._type ?? usual;
  if (kind !== 'folder' && kind !== 'group') {
    throw badRequest('Unable to validate input', '_type is neither folder nor group');
  }
  if (name === undefined || name.includes('/'))
    throw badRequest('Unable to validate input', 'name is missing');
  if (walk(store, parent, [name]).length > 1) {
    // What no part of the real one turns into a better answer.
    throw new CatalogRefusal(500, 'FileAlreadyExistsException', `${name} already exists`);
  }
  const description = text(json, 'description', 1000) ?? null;
  const metadata = mergeMetadata([], json.metadata);
  const made = insertNode(store, parent, { kind, name, description, metadata }, now);
  return { status: 201, body: describeNode(made), location: `dc:${made.path}` };
}

function changeContainer(
  { store, way, isKnown, body, target, root }: Call,
  node: CatalogNode,
): CatalogAnswer {
  demand(way, isKnown, 'w');
  const json = asObject(body);
  refuseUnknown(json, CONTAINER_FIELDS);
  const description = text(json, 'description', 1000) ?? node.description;
  changeNode(store, node, { description, metadata: mergeMetadata(node.metadata, json.metadata) });
  return { status: 200, body: describeNode(walk(store, root, target.names).at(-1) ?? node) };
}

function datasets(call: Call): CatalogAnswer {
  const { method, store, way, isKnown, target, body, now, base } = call;
  const place = { store, now, urlOf: (path: string) => `${base}/datasets.json${path}` };
  if (method === 'POST') {
    const parent = parentOf(call);
    const kind = postKind(parent, body);
    demand(way, isKnown, ...(kind === 'version' ? (['w'] as const) : (['i'] as const)));
    if (kind === 'datasetWithVersion') demand(way, isKnown, 'w');
    const made = postDataset(place, parent, target, body);
    return { status: 201, body: described(store, made, target), location: `dc:${made.path}` };
  }
  const found = way.at(-1);
  const isThere = way.length > target.names.length && found?.kind === 'dataset';
  if (method === 'DELETE') {
    const node = nodeOf(call);
    if (node.kind !== 'dataset') throw badRequest('The target is not a dataset');
    demand(way, isKnown, 'd');
    removeNode(store, node);
    return { status: 204 };
  }
  if (!isThere) throw badRequest('The target is not a dataset');
  if (method === 'PATCH') {
    demand(way, isKnown, 'w');
    patchDataset(place, found, target, body);
    return { status: 200, body: described(store, found, { ...target, site: undefined }) };
  }
  const { version, site } = target;
  const view = { ...target, version: version ?? ('current' as const), site: site ?? 'all' };
  return onlyGet(call, () => get({ ...call, target: view }, found));
}

/** A dataset as it is after a change: with the version that was meant, if it has any. */
function described(store: Store, node: CatalogNode, { version: wanted, site }: Target): object {
  try {
    const version = versionOf(store, node, wanted === 'new' ? undefined : wanted);
    return describeDataset(node, version, locationsOf(store, version, site));
  } catch (error) {
    if (error instanceof CatalogRefusal) return describeNode(node);
    throw error;
  }
}

function permissions(call: Call): CatalogAnswer {
  const { method, store, way, isKnown, query, body } = call;
  const node = nodeOf(call);
  if (method === 'GET' || method === 'HEAD') {
    if (query.get('subject') === 'user') {
      const entry = { _type: 'aclEntry', subject: 'user', permissions: rightsOf(way, isKnown) };
      return { status: 200, body: entry };
    }
    demand(way, isKnown, 'r');
    return { status: 200, body: permissionsOf(way).map((entry) => ({ _type: 'aclEntry', ...entry })) };
  }
  if (node.kind === 'dataset') throw badRequest('Datasets have no permissions of their own');
  demand(way, isKnown, 'a');
  const given = readAcl(body);
  if (method === 'PUT') {
    setPermissions(store, node, given);
    return { status: 204 };
  }
  const merged = mergeAcl(permissionsOf(way), given);
  setPermissions(store, node, merged);
  return { status: 200, body: merged.map((entry) => ({ _type: 'aclEntry', ...entry })) };
}

function search(
  call: CatalogCall & { readonly store: Store; readonly root: CatalogNode },
  rest: string,
): CatalogAnswer {
  const { query, method, store, root, isKnown } = call;
  const target = readTarget(rest);
  if (target.children !== undefined || target.metadata !== undefined) {
    throw badRequest('Unable to process view', 'Children and Metadata views not available when searching');
  }
  const body = searchDatasets(
    { store, root, isKnown },
    {
      targets: method === 'POST' ? query.getAll('targets') : [`/${target.names.join('/')}`],
      filter: query.get('filter') ?? '',
      sort: query.getAll('sort'),
      show: query.getAll('show'),
      offset: countOf(query, 'offset', 0),
      max: countOf(query, 'max', 100_000),
      view: target,
    },
  );
  return { status: 200, body };
}
