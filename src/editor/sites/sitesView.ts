import * as vscode from 'vscode';
import { createDisposables, systemClock, type PollStatus, type SiteView } from '../../watch/index.ts';
import { commands, views } from '../contributions.ts';
import type { Session, Sessions } from '../session.ts';
import { treeItem } from '../vscode/treeItem.ts';
import { siteDetails, siteLook, type SiteDetail } from './siteLook.ts';
import type { ContextKeySetter } from '../vscode/contextKeys.ts';
import { timeOfDay } from '../vscode/timeOfDay.ts';
import { SitesData } from './sitesData.ts';
import { sitesViewMessage, sitesViewState } from './sitesViewState.ts';

/** A row of the Sites view: an identity; what it says is read when it is drawn. */
export type SiteNode =
  | { readonly kind: 'site'; readonly name: string }
  | {
      readonly kind: 'detail';
      readonly site: Extract<SiteNode, { kind: 'site' }>;
      readonly detail: SiteDetail;
    };

/** The sites of the session, with what runs there. */
export class SitesView implements vscode.TreeDataProvider<SiteNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<SiteNode | SiteNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #sessions: Sessions;
  readonly #contextKeys: ContextKeySetter;
  readonly #owned = createDisposables();
  readonly #view: vscode.TreeView<SiteNode>;
  #sessionOwned = createDisposables();
  #session: Session | undefined;
  #data: SitesData | undefined;
  #sites = new Map<string, SiteView>();
  #nodes = new Map<string, Extract<SiteNode, { kind: 'site' }>>();
  /** How each site was last drawn. */
  #drawn = new Map<string, string>();

  constructor(sessions: Sessions, contextKeys: ContextKeySetter) {
    this.#sessions = sessions;
    this.#contextKeys = contextKeys;
    this.#view = this.#owned.add(vscode.window.createTreeView(views.sites, { treeDataProvider: this }));
    this.#owned.add(this.#view.onDidChangeVisibility(() => this.#look()));
    this.#owned.add(sessions.onDidChange(() => this.#follow()));
    this.#owned.add(this.#changes);
    this.#follow();
  }

  /** The sites as last read; reads them where that was not done yet. */
  async read(): Promise<readonly SiteView[]> {
    if (this.#data?.isRead === false) await this.#data.refresh();
    return this.#data?.sites ?? [];
  }

  async refresh(): Promise<void> {
    await this.#data?.refresh();
  }

  getChildren(node?: SiteNode): SiteNode[] {
    if (node?.kind === 'detail') return [];
    if (node === undefined) return [...this.#nodes.values()];
    const site = this.#sites.get(node.name);
    if (site === undefined) return [];
    const details = siteDetails(site, this.#data?.resourceTypes ?? []);
    return details.map((detail) => ({ kind: 'detail', site: node, detail }));
  }

  getParent(node: SiteNode): SiteNode | undefined {
    return node.kind === 'detail' ? node.site : undefined;
  }

  getTreeItem(node: SiteNode): vscode.TreeItem {
    if (node.kind === 'detail') return detailItem(node);
    const site = this.#sites.get(node.name);
    if (site === undefined) return new vscode.TreeItem(node.name);
    return treeItem(`site:${node.name}`, siteLook(site, this.#isDefault(node.name)));
  }

  dispose(): void {
    this.#sessionOwned.dispose();
    this.#owned.dispose();
  }

  #isDefault(name: string): boolean {
    return this.#session?.profile.defaultSite === name;
  }

  #follow(): void {
    const session = this.#sessions.current;
    if (session === this.#session) {
      this.#draw();
      return;
    }
    this.#sessionOwned.dispose();
    this.#sessionOwned = createDisposables();
    this.#session = session;
    this.#data = undefined;
    if (session !== undefined) {
      this.#data = this.#sessionOwned.add(new SitesData(session, systemClock));
      this.#sessionOwned.add(this.#data.onDidChange(() => this.#draw()));
      this.#sessionOwned.add(session.poller.onDidChangeStatus(({ kind }) => this.#retry(kind)));
      this.#sessionOwned.add(session.store.onDidChange(({ groups }) => groups.length > 0 && this.#draw()));
    }
    this.#draw();
    this.#look();
  }

  /** What keeps the jobs from being read keeps the sites, too: where it is over, they need not wait for their turn. */
  #retry(kind: PollStatus['kind']): void {
    if (kind !== 'current' || this.#data?.trouble === undefined || !this.#view.visible) return;
    // The trouble is kept for the view.
    this.#data.refresh().catch(() => undefined);
  }

  #look(): void {
    if (this.#view.visible) this.#data?.resume();
    else this.#data?.pause();
  }

  /** Fires for the sites that look different now; for all when the list is another one. */
  #draw(): void {
    const sites = this.#data?.sites ?? [];
    this.#sites = new Map(sites.map((site) => [site.spec.name, site]));
    const names = [...this.#sites.keys()];
    const same = names.length === this.#nodes.size && names.every((name) => this.#nodes.has(name));
    const before = this.#drawn;
    this.#drawn = new Map(sites.map((site) => [site.spec.name, this.#fingerprint(site)]));
    this.#drawState(sites.length);
    if (!same) {
      this.#nodes = new Map(names.map((name) => [name, this.#nodes.get(name) ?? { kind: 'site', name }]));
      this.#changes.fire(undefined);
      return;
    }
    const changed = [...this.#nodes.values()].filter(
      ({ name }) => before.get(name) !== this.#drawn.get(name),
    );
    if (changed.length > 0) this.#changes.fire(changed);
  }

  #drawState(sites: number): void {
    const { isRead = false, trouble, asOf } = this.#data ?? {};
    const shown = { sites, isRead, trouble, asOf };
    this.#contextKeys.set('descPanda.sitesView', sitesViewState(this.#sessions.state, shown));
    this.#view.message = sitesViewMessage(shown, timeOfDay) ?? '';
  }

  #fingerprint(site: SiteView): string {
    const details = siteDetails(site, this.#data?.resourceTypes ?? []);
    return JSON.stringify([siteLook(site, this.#isDefault(site.spec.name)), details]);
  }
}

function detailItem({ site, detail }: Extract<SiteNode, { kind: 'detail' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(detail.label);
  item.id = `site:${site.name}/${detail.key}`;
  item.description = detail.value;
  item.iconPath = new vscode.ThemeIcon(detail.codicon);
  item.tooltip = `${detail.label}: ${detail.value}`;
  if (detail.key === 'mine') {
    item.command = { command: commands.showSiteJobs, title: 'Show jobs', arguments: [site] };
  }
  return item;
}
