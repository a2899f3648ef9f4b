import { withAllBelow } from '../../datacat/index.ts';
import type { CatalogDataset, CatalogNode, DatacatClient, Page } from '../../datacat/index.ts';
import { createEmitter, type Disposable } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';

/** A search that is shown as a row of its own. */
export interface CatalogSearch {
  /** The folder or group with all below it. */
  readonly path: string;
  readonly filter: string;
}

/** A row of the Catalog view. Ids are made of paths alone. */
export type CatalogRow =
  | {
      readonly kind: 'node';
      readonly id: string;
      readonly parent: CatalogRow | undefined;
      readonly node: CatalogNode;
    }
  | {
      readonly kind: 'search';
      readonly id: string;
      readonly parent: undefined;
      readonly search: CatalogSearch;
    }
  | { readonly kind: 'more'; readonly id: string; readonly parent: CatalogRow | undefined }
  | {
      readonly kind: 'note';
      readonly id: string;
      readonly parent: CatalogRow | undefined;
      readonly text: string;
    };

type Read = (offset: number) => Promise<Page<CatalogNode>>;

/** What was read of one list so far. */
interface List {
  rows: readonly CatalogRow[];
  next: number | undefined;
  /** The page that is being read. */
  reading: Promise<void> | undefined;
  readonly read: Read;
}

const ROOT = '';
const PAGE = 100;

/** The rows of a data catalog, read a page at a time when they are first shown. */
export class CatalogTree implements Disposable {
  readonly #client: DatacatClient;
  readonly #lists = new Map<string, List>();
  readonly #changes = createEmitter<CatalogRow | undefined>();
  readonly #ending = new AbortController();
  #search: Extract<CatalogRow, { kind: 'search' }> | undefined;
  /** Results of the search in all; undefined until it answered. */
  #found: number | undefined;

  /** Told of the row whose children are others now; undefined for all. */
  readonly onDidChange = this.#changes.event;

  constructor(client: DatacatClient) {
    this.#client = client;
  }

  get search(): CatalogSearch | undefined {
    return this.#search?.search;
  }

  get found(): number | undefined {
    return this.#found;
  }

  /** Names of metadata seen so far, for completion. */
  readonly names = new Set<string>();

  /** The rows at the top. Rejects where the catalog does not answer. */
  async roots(): Promise<readonly CatalogRow[]> {
    const list = await this.#list(undefined, (offset) => this.#children('/', offset));
    const top = this.#search === undefined ? [] : [this.#search];
    return [...top, ...list];
  }

  /** The rows below one. Never rejects: what went wrong is a row, too. */
  async below(row: CatalogRow): Promise<readonly CatalogRow[]> {
    if (row.kind === 'more' || row.kind === 'note') return [];
    try {
      const rows = await this.#list(row, this.#reader(row));
      return rows.length === 0 ? [note(row, row.kind === 'search' ? 'Nothing matches' : 'Empty')] : rows;
    } catch (error) {
      const text = errorText(error);
      return text === undefined ? [] : [note(row, `${text.message} ${text.advice}`.trim())];
    }
  }

  /** Reads the next page of a list; rejects as the catalog did, and leaves the row for another try. */
  async loadMore(row: Extract<CatalogRow, { kind: 'more' }>): Promise<void> {
    const { parent } = row;
    const list = this.#lists.get(parent?.id ?? ROOT);
    if (list?.next === undefined) return;
    await this.#page(list, parent, list.next);
    this.#changes.fire(parent);
  }

  /** Reads everything anew when it is shown again. */
  refresh(): void {
    this.#lists.clear();
    this.#found = undefined;
    this.#changes.fire(undefined);
  }

  setSearch(search: CatalogSearch | undefined): void {
    if (this.#search !== undefined) this.#lists.delete(this.#search.id);
    this.#found = undefined;
    this.#search =
      search === undefined
        ? undefined
        : { kind: 'search', id: `search:${search.path}:${search.filter}`, parent: undefined, search };
    this.#changes.fire(undefined);
  }

  get searchRow(): CatalogRow | undefined {
    return this.#search;
  }

  dispose(): void {
    this.#ending.abort();
    this.#changes.dispose();
  }

  #reader(row: Extract<CatalogRow, { kind: 'node' | 'search' }>): Read {
    if (row.kind === 'node') return (offset) => this.#children(row.node.path, offset);
    const { path, filter } = row.search;
    return async (offset) => {
      const query = { filter, offset, max: PAGE, signal: this.#ending.signal };
      const page = await this.#client.search(withAllBelow(path), query);
      if (this.#found !== page.count && row === this.#search) this.#found = page.count;
      return page;
    };
  }

  #children(path: string, offset: number): Promise<Page<CatalogNode>> {
    return this.#client.children(path, { offset, max: PAGE, signal: this.#ending.signal });
  }

  async #list(parent: CatalogRow | undefined, read: Read): Promise<readonly CatalogRow[]> {
    const id = parent?.id ?? ROOT;
    let list = this.#lists.get(id);
    if (list === undefined) {
      const fresh: List = { rows: [], next: 0, reading: undefined, read };
      list = fresh;
      this.#lists.set(id, fresh);
      // Read anew when it is wanted again, unless another one is there by then.
      this.#page(fresh, parent, 0).catch(() => this.#lists.get(id) === fresh && this.#lists.delete(id));
    }
    await list.reading;
    const { rows, next } = list;
    return next === undefined ? rows : [...rows, { kind: 'more', id: `${id}/more`, parent }];
  }

  /** Adds a page to a list; asked for twice it is read once. */
  #page(list: List, parent: CatalogRow | undefined, offset: number): Promise<void> {
    list.reading ??= list
      .read(offset)
      .then(({ items, next }) => {
        const known = new Set(list.rows.map(({ id }) => id));
        const added = items.map((node) => nodeRow(parent, node)).filter(({ id }) => !known.has(id));
        list.rows = [...list.rows, ...added];
        list.next = next;
        for (const node of items) this.learn(node);
      })
      .finally(() => {
        list.reading = undefined;
      });
    return list.reading;
  }

  /** Remembers names of metadata. */
  learn(node: CatalogNode): void {
    const version = node.kind === 'dataset' ? node.version : undefined;
    for (const { name } of [...node.metadata, ...(version?.metadata ?? [])]) this.names.add(name);
  }
}

function nodeRow(parent: CatalogRow | undefined, node: CatalogNode): CatalogRow {
  const place = parent?.kind === 'search' ? `${parent.id}>` : '';
  return { kind: 'node', id: `${place}${node.path}`, parent, node };
}

function note(parent: CatalogRow, text: string): CatalogRow {
  return { kind: 'note', id: `${parent.id}/note`, parent, text };
}

export function isCatalogRow(value: unknown): value is CatalogRow {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('id' in value)) return false;
  return ['node', 'search', 'more', 'note'].includes(String(value.kind));
}

/** The dataset of a row. */
export function datasetOf(row: unknown): CatalogDataset | undefined {
  return isCatalogRow(row) && row.kind === 'node' && row.node.kind === 'dataset' ? row.node : undefined;
}
