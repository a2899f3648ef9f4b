import type { DatacatClient } from '../../datacat/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { makeFolder, remove, setMetadata } from '../datacat/change.ts';
import { list, locations, search, show } from '../datacat/look.ts';
import { openDatacat } from '../datacat/open.ts';
import { register } from '../datacat/register.ts';
import type { ExitCode } from '../exitCodes.ts';
import { UsageError } from '../usageError.ts';

type Action = (
  context: CommandContext,
  client: DatacatClient,
  words: readonly string[],
  connection: Connection,
) => Promise<ExitCode>;

export const datacatCommand: Command = {
  name: 'datacat',
  summary: 'Looks into the data catalog, and registers files and outputs of jobs there',
  usage: [
    'datacat ls [PATH] [options]',
    'datacat show PATH [options]',
    'datacat locations PATH [options]',
    'datacat search PATH [FILTER] [options]',
    'datacat register FILE... --folder PATH [options]',
    'datacat register --job PANDAID --folder PATH [options]',
    'datacat set PATH NAME=VALUE... [options]',
    'datacat mkdir PATH [options]',
    'datacat rm PATH... [options]',
  ],
  options: [
    { name: 'max', value: 'N', help: 'show so many at most (ls, search; default: 1000)' },
    {
      name: 'sort',
      value: 'NAME',
      multiple: true,
      help: 'order by a field or metadata, -NAME downwards (search)',
    },
    { name: 'show', value: 'NAME', multiple: true, help: 'show this metadata, too (search)' },
    { name: 'version-id', value: 'N', help: 'this version instead of the latest (show, locations, set)' },
    { name: 'site', value: 'NAME', help: 'only copies at this site; where the files are (register)' },
    { name: 'job', value: 'PANDAID', multiple: true, help: 'the outputs of this job (register)' },
    { name: 'folder', value: 'PATH', help: 'where in the catalog, made where it is missing (register)' },
    {
      name: 'data-type',
      value: 'TYPE',
      help: 'a data type that the catalog knows (register; default: PANDA)',
    },
    { name: 'format', value: 'FORMAT', help: 'a file format that it knows (register; default: by the name)' },
    {
      name: 'meta',
      value: 'NAME=VALUE',
      multiple: true,
      help: 'metadata besides; NAME:TYPE=VALUE (register)',
    },
    { name: 'new-version', help: 'where another file has the name, add a version (register)' },
    { name: 'unset', value: 'NAME', multiple: true, help: 'end this metadata (set)' },
    { name: 'group', help: 'make a group, which holds datasets only (mkdir)' },
    { name: 'description', value: 'TEXT', help: 'what it holds (mkdir)' },
    { name: 'yes', short: 'y', help: 'do not ask (rm)' },
  ],
  examples: [
    'datacat ls /desc',
    `datacat search /desc 'nRun > 6200 and name =~ "*.fits"' --sort -nRun --show nRun`,
    'datacat register --job 6900000001 --folder /desc/run1',
    'datacat set /desc/run1 owner=jane',
  ],
  async run(context) {
    const [word = '', ...words] = context.args.positionals;
    const action = ACTIONS.get(word);
    if (action === undefined) {
      throw new UsageError(
        word === '' ? 'What is to be done with the data catalog?' : `datacat does not know ${word}.`,
        `Say one of ${[...ACTIONS.keys()].join(', ')}`,
      );
    }
    const connection = await context.connector.connect();
    const client = openDatacat(context, connection);
    try {
      return await action(context, client, words, connection);
    } finally {
      client.dispose();
    }
  },
};

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['ls', list],
  ['show', show],
  ['locations', locations],
  ['search', search],
  ['register', register],
  ['set', setMetadata],
  ['mkdir', makeFolder],
  ['rm', remove],
]);
