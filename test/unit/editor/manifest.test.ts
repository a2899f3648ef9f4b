import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contributions from '../../../src/editor/contributions.ts';

const root = join(import.meta.dirname, '../../..');

interface MenuEntry {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly publisher: string;
  readonly name: string;
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly restrictedConfigurations: readonly string[];
      readonly description: string;
    };
    readonly virtualWorkspaces: { readonly description: string };
  };
  readonly contributes: {
    readonly viewsContainers: {
      readonly activitybar: readonly { readonly id: string; readonly icon: string }[];
    };
    readonly views: Readonly<
      Record<string, readonly { readonly id: string; readonly name: string; readonly icon: string }[]>
    >;
    readonly viewsWelcome: readonly {
      readonly view: string;
      readonly when: string;
      readonly contents: string;
    }[];
    readonly authentication: readonly { readonly id: string }[];
    readonly customEditors: readonly { readonly viewType: string }[];
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly enablement?: string;
    }[];
    readonly submenus: readonly { readonly id: string; readonly label: string }[];
    readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
    readonly configuration: {
      readonly title: string;
      readonly properties: Readonly<
        Record<
          string,
          {
            readonly scope: string;
            readonly default: unknown;
            readonly description?: string;
            readonly markdownDescription?: string;
          }
        >
      >;
    };
  };
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const { commands, configuration, menus, submenus, views, viewsContainers, viewsWelcome } =
  manifest.contributes;
const sorted = (texts: Iterable<string>): string[] => [...texts].sort();

/** Keys of the editor itself that our clauses may use. */
const editorKeys = [
  'view',
  'viewItem',
  'resourceScheme',
  'resourceExtname',
  'resourceFilename',
  'resourceLangId',
  'resourcePath',
  'explorerResourceIsFolder',
  'isWorkspaceTrusted',
];

/** The values of keys that say what a view shows. */
const viewStates: Readonly<Record<string, readonly string[]>> & {
  readonly 'descPanda.jobsView': readonly string[];
  readonly 'descPanda.sitesView': readonly string[];
  readonly 'descPanda.catalogView': readonly string[];
} = {
  'descPanda.jobsView': contributions.jobsViewStates,
  'descPanda.sitesView': contributions.sitesViewStates,
  'descPanda.catalogView': contributions.catalogViewStates,
};

describe('package.json', () => {
  it('names the commands, views and settings of contributions.ts, and no others', () => {
    assert.deepEqual(
      sorted(commands.map(({ command }) => command)),
      sorted(Object.values(contributions.commands)),
    );
    const viewIds = views[contributions.VIEW_CONTAINER]?.map(({ id }) => id) ?? [];
    assert.deepEqual(sorted(viewIds), sorted(Object.values(contributions.views)));
    assert.deepEqual(
      sorted(Object.keys(configuration.properties)),
      sorted(contributions.settingKeys.map((key) => `${contributions.SETTINGS_SECTION}.${key}`)),
    );
    assert.deepEqual(
      viewsContainers.activitybar.map(({ id }) => id),
      [contributions.VIEW_CONTAINER],
    );
    assert.equal(`${manifest.publisher}.${manifest.name}`, contributions.EXTENSION_ID);
    for (const panel of [contributions.JOB_PANEL, contributions.SUMMARY_PANEL]) {
      assert.ok(manifest.activationEvents.includes(`onWebviewPanel:${panel}`), panel);
    }
    assert.ok(manifest.activationEvents.includes(`onFileSystem:${contributions.schemes.files}`));
    assert.deepEqual(
      manifest.contributes.authentication.map(({ id }) => id),
      [contributions.AUTHENTICATION],
    );
    assert.deepEqual(
      manifest.contributes.customEditors.map(({ viewType }) => viewType),
      [contributions.FITS_EDITOR],
    );
  });

  it('refers to commands, submenus and icons that are there', () => {
    const ids = new Set(commands.map(({ command }) => command));
    for (const [menu, entries] of Object.entries(menus)) {
      for (const { command, submenu } of entries) {
        assert.ok(command === undefined || ids.has(command), `${menu}: ${command ?? ''}`);
        assert.ok(
          submenu === undefined || submenus.some(({ id }) => id === submenu),
          `${menu}: ${submenu ?? ''}`,
        );
      }
    }
    for (const { contents } of viewsWelcome) {
      for (const [, id = ''] of contents.matchAll(/\(command:([^)]+)\)/g)) {
        assert.ok(ids.has(id) || id.startsWith('workbench.'), id);
      }
    }
    const icons = [manifest.icon, ...viewsContainers.activitybar.map(({ icon }) => icon)];
    for (const icon of icons) assert.ok(existsSync(join(root, icon)), icon);
  });

  it('asks in when clauses only for keys and tokens that the code sets', () => {
    const clauses = [
      ...Object.values(menus).flatMap((entries) => entries.map(({ when }) => when)),
      ...commands.map(({ enablement }) => enablement),
      ...viewsWelcome.map(({ when }) => when),
    ].filter((when) => when !== undefined);
    const keys = new Set<string>([...editorKeys, ...contributions.contextKeys]);
    for (const clause of clauses) {
      if (clause === 'false') continue;
      for (const term of clause.split(/&&|\|\|/)) {
        const [, key = '', operator, value = ''] =
          /^\s*!?([\w.]+)\s*(?:(==|!=|=~|\bin\b)\s*(.+?))?\s*$/.exec(term) ?? [];
        assert.ok(keys.has(key), `unknown key in: ${clause}`);
        if (operator === 'in') assert.ok(keys.has(value), `unknown key in: ${clause}`);
        if (key === 'resourceLangId') {
          assert.ok(Object.values<string>(contributions.languages).includes(value), clause);
        }
        if (key === 'viewItem') assertToken(operator, value, clause);
        if (key === 'view') assert.ok(Object.values<string>(contributions.views).includes(value), clause);
        const states: readonly string[] | undefined = viewStates[key];
        if (states !== undefined) assert.ok(states.includes(value.replaceAll("'", '')), clause);
      }
    }
  });

  it('has a welcome text for every state of a view but the one with rows and the one that passes', () => {
    for (const [view, key] of [
      [contributions.views.jobs, 'descPanda.jobsView'],
      [contributions.views.sites, 'descPanda.sitesView'],
      [contributions.views.catalog, 'descPanda.catalogView'],
    ] as const) {
      const own = viewsWelcome.filter((one) => one.view === view);
      const told = own.map(({ when }) => new RegExp(`^${key} == '(\\w+)'$`).exec(when)?.[1] ?? when);
      const passing = ['jobs', 'sites', 'entries', 'opening'];
      assert.deepEqual(sorted(told), sorted(viewStates[key].filter((state) => !passing.includes(state))));
    }
  });

  it('hides commands that need a row from the palette', () => {
    const hidden = menus.commandPalette?.filter(({ when }) => when === 'false').map(({ command }) => command);
    assert.deepEqual(sorted(hidden?.map(String) ?? []), [
      'descPanda.cancelInstances',
      'descPanda.catalogClearSearch',
      'descPanda.catalogCopyLocation',
      'descPanda.catalogCopyPath',
      'descPanda.catalogLoadMore',
      'descPanda.catalogShow',
      'descPanda.catalogUseAsInput',
      'descPanda.copyFilePath',
      'descPanda.copyFileUrl',
      'descPanda.copyInstanceKey',
      'descPanda.downloadFile',
      'descPanda.dryRun',
      'descPanda.goOnPipelineRun',
      'descPanda.groupByDay',
      'descPanda.groupBySite',
      'descPanda.groupByState',
      'descPanda.groupBySubmission',
      'descPanda.loadMore',
      'descPanda.loadMoreStreams',
      'descPanda.removePipelineRun',
      'descPanda.rollBack',
      'descPanda.showInstanceJob',
      'descPanda.showPipelineMails',
      'descPanda.stopPipelineRun',
      'descPanda.submitHere',
    ]);
  });

  it('keeps a workspace from choosing the server, its trust or the sandbox', () => {
    for (const [key, { scope }] of Object.entries(configuration.properties)) {
      if (/\.(profiles|setupScript|shareSignIn|sandbox\..+|pipeline\..+)$/.test(key))
        assert.equal(scope, 'machine', key);
    }
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, [
      'descPanda.profile',
      'descPanda.site',
    ]);
  });

  it('writes in sentence case, without exclamation marks', () => {
    const titles = [
      ...commands.map(({ title }) => title),
      ...submenus.map(({ label }) => label),
      ...Object.values(views).flatMap((list) => list.map(({ name }) => name)),
    ];
    for (const title of titles) assert.match(title, /^[A-Z][^!]*$/, title);
    for (const title of titles) {
      const [, ...rest] = title.split(' ');
      const names = ['PanDA', 'PandaID', 'HelloPanda', 'URL', 'ID'];
      const shouting = rest.filter((word) => /^[A-Z]/.test(word) && !names.includes(word));
      assert.deepEqual(shouting, [], title);
    }
    for (const { category } of commands) assert.equal(category, 'PanDA');
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    const sentences = [
      ...Object.values(configuration.properties).map(
        ({ description, markdownDescription }) => description ?? markdownDescription ?? '',
      ),
      ...viewsWelcome.map(({ contents }) => contents.split('\n')[0] ?? ''),
      untrustedWorkspaces.description,
      virtualWorkspaces.description,
    ];
    for (const sentence of sentences) assert.match(sentence, /^[A-Z][^!]*\.$/, sentence);
  });
});

function assertToken(operator: string | undefined, value: string, clause: string): void {
  assert.equal(operator, '=~', clause);
  const token = /^\/\\b(\w+)\\b\/$/.exec(value)?.[1];
  assert.ok(
    contributions.tokens.some((known) => known === token),
    `unknown token in: ${clause}`,
  );
}
