import { PandaError } from '../../panda/index.ts';
import type { StateCounts } from '../../panda/index.ts';
import { createJobStore, describeCounts, formatDuration, formatSize, siteViews } from '../../watch/index.ts';
import type { JobStore, SiteView } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import { discoverJobs } from '../jobs/list.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { siteShape } from '../shapes.ts';
import { UsageError } from '../usageError.ts';

const GREEN = 32;
const YELLOW = 33;

export const sitesCommand: Command = {
  name: 'sites',
  summary: 'Lists the sites, their limits, and what runs there',
  usage: ['sites [options]'],
  options: [{ name: 'online', help: 'only sites that are online' }],
  examples: ['sites --online'],
  async run(context) {
    const { args, out, connector } = context;
    if (args.positionals.length > 0) {
      throw new UsageError('desc-panda sites takes no words.', 'See desc-panda sites --help');
    }
    const connection = await connector.connect();
    out.progress('Asking for the sites…');
    const views = await readSites(context, connection);
    const shown = args.flag('online') ? views.filter(({ spec }) => spec.status === 'online') : views;
    const { name, defaultSite = null } = connection.profile;
    out.result({ profile: name, defaultSite, sites: shown.map(siteShape) });
    if (shown.length === 0) out.line('No sites.');
    else for (const line of renderSites(shown, defaultSite, context)) out.line(line);
    return EXIT.ok;
  },
};

/** What runs there is nice to know; without it the sites are still shown. */
async function readSites({ io, out }: CommandContext, connection: Connection): Promise<readonly SiteView[]> {
  const { client } = connection;
  const { signal } = io;
  const specs = await client.metaconfig.getSiteSpecs({ signal });
  const optional = async <T>(ask: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PandaError)) throw error;
      out.note(cleanLine(error.message));
      return otherwise;
    }
  };
  const everybody = await optional<Readonly<Record<string, StateCounts>>>(
    () => client.statistics.activeJobsBySite({ signal }),
    {},
  );
  const selection = { filter: '', states: [], days: 7, limit: 1 };
  const store = await optional<Pick<JobStore, 'groups'>>(
    () => discoverJobs(connection, selection, io.clock.now(), signal),
    createJobStore(),
  );
  return siteViews(specs, everybody, store);
}

function renderSites(
  views: readonly SiteView[],
  defaultSite: string | null,
  { out }: CommandContext,
): string[] {
  const { style } = out;
  const rows = views.map(({ spec, everybody, mine }) => [
    { text: `${cleanLine(spec.name)}${spec.name === defaultSite ? ' *' : ''}` },
    {
      text: `${spec.status === 'online' ? '●' : '○'} ${cleanLine(spec.status)}`,
      paint: (text: string) => style.paint(text, spec.status === 'online' ? GREEN : YELLOW),
    },
    { text: spec.coreCount === null ? '' : String(spec.coreCount) },
    { text: spec.maxMemoryMB === null ? '' : formatSize(spec.maxMemoryMB * 1e6) },
    { text: spec.maxTimeSeconds === null ? '' : formatDuration(spec.maxTimeSeconds * 1000) },
    { text: cleanLine(describeCounts(mine)) },
    { text: cleanLine(describeCounts(everybody)) },
  ]);
  const columns = [
    { title: 'SITE' },
    { title: 'STATUS' },
    { title: 'CORES', align: 'right' as const },
    { title: 'MEMORY', align: 'right' as const },
    { title: 'TIME', align: 'right' as const },
    { title: 'MINE', flexible: true },
    { title: 'EVERYBODY', flexible: true },
  ];
  const lines = renderTable(columns, rows, { width: out.width, paintTitle: style.dim });
  return defaultSite === null ? lines : [...lines, style.dim('* default site of the profile')];
}
