import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerContext } from '../context.ts';
import { isSafeName } from '../files/fileNames.ts';
import { taskStore } from '../store/tasks.ts';
import type { ReadContext } from '../tasks/describeTask.ts';
import { htmlPage, HTML_TYPE } from '../wire/htmlPage.ts';
import { secondsText } from '../wire/dateTime.ts';
import { errorDescriptionsPage } from './errorSummary.ts';
import { jobPage, jobsPage, stateHistoryPage } from './jobPages.ts';
import { parseJobQuery } from './jobQuery.ts';
import { taskHistoryPage, taskPage, tasksPage } from './taskPages.ts';

/** A page of the monitor: JSON, a page for people, or the way to a file. */
export type MonitorAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'html'; readonly status: number; readonly type: string; readonly text: string }
  | { readonly kind: 'redirect'; readonly location: string };

/** What a page of the monitor is asked. */
export interface MonitorVisit {
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** Of the request. */
  readonly host: string;
}

interface PageVisit extends MonitorVisit {
  /** The part of the path after the page's name; empty where there is none. */
  readonly id: string;
}

type Page = (context: ServerContext, visit: PageVisit) => MonitorAnswer | undefined | Promise<MonitorAnswer>;

const PAGES: ReadonlyMap<string, Page> = new Map<string, Page>([
  [
    'jobs',
    ({ store, now }, { parameters }) => {
      const parsed = parseJobQuery(parameters, now());
      return parsed.ok ? json(jobsPage(store, parsed.query)) : json({ error: parsed.error }, 400);
    },
  ],
  [
    'job',
    ({ store }, { id, parameters }) =>
      jsonOrHtml(jobPage(store, Number(id === '' ? parameters.get('pandaid') : id))),
  ],
  ['jobstatuslog', ({ store }, { id }) => json(stateHistoryPage(store, Number(id)))],
  [
    'tasks',
    (context, { parameters }) => {
      const parsed = tasksPage(reading(context), parameters, context.now());
      return parsed.ok ? json(parsed.query) : json({ error: parsed.error }, 400);
    },
  ],
  ['task', (context, { id }) => jsonOrHtml(taskPage(reading(context), Number(id)))],
  ['taskstatuslog', (context, { id }) => json(taskHistoryPage(reading(context), Number(id)))],
  // There are no workflows here.
  ['idds', (_, { id }) => (id === 'wfprogress' ? json([]) : undefined)],
  ['api', (_, { id }) => (id === 'joberrordescriptions' ? json(errorDescriptionsPage()) : undefined)],
  ['sites', ({ sites }) => json(sites.queues.map((site) => ({ ...site, name: site.sitename })))],
  [
    'site',
    ({ sites }, { id }) => {
      const site = sites.records.get(id);
      if (site === undefined) return html(404);
      return json(Object.entries(site).map(([param, value]) => ({ param, value })));
    },
  ],
  ['filebrowser', ({ folders }, { parameters, host }) => fileBrowser(folders.storage, parameters, host)],
]);

/** Whether a path is one of the monitor's. */
export function isMonitorPath(path: string): boolean {
  return PAGES.has(partsOf(path)[0] ?? '');
}

/** Answers what a monitor is asked; undefined for a path that is none of its own. */
export async function monitorAnswer(
  context: ServerContext,
  visit: MonitorVisit,
): Promise<MonitorAnswer | undefined> {
  const [page = '', id = ''] = partsOf(visit.path);
  return PAGES.get(page)?.(context, { ...visit, id });
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}

function reading({ store }: ServerContext): ReadContext {
  return { store, tasks: taskStore(store) };
}

/** The monitor says with a page and status 200 that there is no such thing. */
function jsonOrHtml(found: object | undefined): MonitorAnswer {
  return found === undefined ? html(200) : json(found);
}

function json(value: unknown, status = 200): MonitorAnswer {
  return { kind: 'json', status, value };
}

function html(status: number): MonitorAnswer {
  return { kind: 'html', status, type: HTML_TYPE, text: htmlPage(404) };
}

async function fileBrowser(
  storage: string,
  parameters: URLSearchParams,
  host: string,
): Promise<MonitorAnswer> {
  const id = parameters.get('pandaid') ?? '';
  if (!/^\d{1,15}$/u.test(id)) return json({ error: 'No pandaid is provided' }, 400);
  const files = await listFiles(join(storage, id));
  const wanted = parameters.get('filename');
  if (wanted !== null) {
    return files.some(({ name }) => name === wanted)
      ? { kind: 'redirect', location: `http://${host}/storage/${id}/${encodeURIComponent(wanted)}` }
      : json({ error: `The log of job ${id} has no file ${wanted}` }, 404);
  }
  return json({
    error: '',
    files: files.map(({ name, size, time }) => ({
      name,
      dirname: '',
      size,
      modification: secondsText(time),
      media_link: `${host}/storage/${id}/${encodeURIComponent(name)}`,
    })),
  });
}

async function listFiles(folder: string): Promise<readonly { name: string; size: number; time: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile() && isSafeName(entry.name)).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return { name, size, time: mtimeMs };
    }),
  );
}
