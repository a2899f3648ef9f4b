import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerContext } from '../context.ts';
import { isSafeName } from '../files/fileNames.ts';
import { htmlPage, HTML_TYPE } from '../wire/htmlPage.ts';
import { secondsText } from '../wire/dateTime.ts';
import { errorDescriptionsPage } from './errorSummary.ts';
import { jobPage, jobsPage, stateHistoryPage } from './jobPages.ts';
import { parseJobQuery } from './jobQuery.ts';

/** A page of the monitor: JSON, a page for people, or the way to a file. */
export type MonitorAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'html'; readonly status: number; readonly type: string; readonly text: string }
  | { readonly kind: 'redirect'; readonly location: string };

/** Answers what a monitor is asked; undefined for a path that is none of its own. `host`: of the request. */
export async function monitorAnswer(
  context: ServerContext,
  path: string,
  parameters: URLSearchParams,
  host: string,
): Promise<MonitorAnswer | undefined> {
  const [page = '', id = ''] = path.split('/').filter((part) => part !== '');
  const { store, sites } = context;
  switch (page) {
    case 'jobs': {
      const parsed = parseJobQuery(parameters, context.now());
      return parsed.ok ? json(jobsPage(store, parsed.query)) : json({ error: parsed.error }, 400);
    }
    case 'job': {
      const found = jobPage(store, Number(id === '' ? parameters.get('pandaid') : id));
      // The monitor says so with a page and status 200.
      return found === undefined ? html(200) : json(found);
    }
    case 'api':
      return id === 'joberrordescriptions' ? json(errorDescriptionsPage()) : undefined;
    case 'jobstatuslog':
      return json(stateHistoryPage(store, Number(id)));
    case 'sites':
      return json(sites.queues.map((site) => ({ ...site, name: site.sitename })));
    case 'site': {
      const site = sites.records.get(id);
      if (site === undefined) return html(404);
      return json(Object.entries(site).map(([param, value]) => ({ param, value })));
    }
    case 'filebrowser':
      return fileBrowser(context.folders.storage, parameters, host);
    default:
      return undefined;
  }
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
