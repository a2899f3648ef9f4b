import { resolve } from 'node:path';
import { SANDBOX } from '../../panda/index.ts';
import { defaultDataHome } from '../../sandbox/index.ts';
import type {
  SandboxConnection,
  SandboxControl,
  SandboxOptions,
  SandboxStatus,
} from '../../sandbox/index.ts';
import {
  createSubmissionJournal,
  createTaskJournal,
  describeCounts,
  formatRelative,
} from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import { SANDBOX_DEFAULTS } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import type { Args } from '../options.ts';
import { renderFields } from '../render/jobDetails.ts';
import { isoTime } from '../shapes.ts';
import { journalFolder, taskJournalFolder } from '../settings.ts';
import { UsageError } from '../usageError.ts';

type Action = (context: CommandContext, control: SandboxControl, dataFolder: string) => Promise<ExitCode>;

export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'Starts, stops, shows or empties the PanDA on this machine',
  usage: ['sandbox start|stop|status|reset [options]'],
  options: [
    { name: 'slots', value: 'N', help: `jobs that run at a time (default ${SANDBOX_DEFAULTS.slots})` },
    { name: 'port', value: 'N', help: 'port to answer at (default: any free one, the same again next time)' },
    {
      name: 'heartbeat',
      value: 'TIME',
      help: `between heartbeats of a running job (default ${SANDBOX_DEFAULTS.heartbeatSeconds}s; 30m on a grid site)`,
    },
    { name: 'issuer', value: 'URL', help: 'users sign in with this identity provider (start)' },
    { name: 'client-id', value: 'ID', help: 'the name of programs there (default desc-panda)' },
    { name: 'vo', value: 'VO', help: 'the group that users have to be in (default Rubin)' },
    { name: 'data-folder', value: 'FOLDER', help: 'where it keeps everything' },
    { name: 'yes', short: 'y', help: 'do not ask before everything is removed (reset)' },
  ],
  examples: ['sandbox start --slots 4', 'sandbox status', 'sandbox reset --yes'],
  async run(context) {
    const { args, services } = context;
    const [word = '', more] = args.positionals;
    const action = actions.get(word);
    if (action === undefined || more !== undefined) {
      throw new UsageError(
        word === ''
          ? 'What is the sandbox to do?'
          : `The sandbox does not know ${args.positionals.join(' ')}.`,
        'Say one of start, stop, status, reset',
      );
    }
    const options = readOptions(args, context);
    return action(context, await services.createSandbox(options), options.dataFolder);
  },
};

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['start', start],
  ['stop', stop],
  ['status', status],
  ['reset', reset],
]);

function readOptions(args: Args, { io }: CommandContext) {
  const port = args.count('port', 0) ?? SANDBOX_DEFAULTS.port;
  if (port > 65_535) throw new UsageError(`--port ${port}: ports end at 65535.`, 'Choose a smaller number');
  const folder = args.text('data-folder');
  return {
    dataFolder: folder === undefined ? defaultDataHome(io.env, io.home) : resolve(io.cwd, folder),
    port,
    slots: args.count('slots', 1) ?? SANDBOX_DEFAULTS.slots,
    heartbeatSeconds: args.seconds('heartbeat') ?? SANDBOX_DEFAULTS.heartbeatSeconds,
    signIn: readSignIn(args),
  };
}

function readSignIn(args: Args): SandboxOptions['signIn'] {
  const issuer = args.text('issuer');
  const clientId = args.text('client-id');
  const vo = args.text('vo');
  if (issuer !== undefined) return { issuer, clientId: clientId ?? 'desc-panda', vo: vo ?? 'Rubin' };
  if (clientId === undefined && vo === undefined) return undefined;
  throw new UsageError('--client-id and --vo go with --issuer.', 'Name the identity provider with --issuer');
}

/** Options that a sandbox takes when it starts. */
const OPTIONS = ['slots', 'port', 'heartbeat', 'issuer'];

async function start({ args, io, out }: CommandContext, control: SandboxControl): Promise<ExitCode> {
  const before = await control.status();
  out.progress('Starting the sandbox…');
  const connection = await control.start({ signal: io.signal, onProgress: (text) => out.progress(text) });
  out.result(statusShape({ ...(await control.status()), connection, running: true }));
  out.line(`Sandbox ${before.running ? 'runs already' : 'started'} at ${connection.url}.`);
  if (before.running && OPTIONS.some((name) => args.text(name) !== undefined)) {
    out.note('It keeps the options it was started with.');
    out.note('→ desc-panda sandbox stop, then start it with these');
  }
  return EXIT.ok;
}

async function stop({ out }: CommandContext, control: SandboxControl): Promise<ExitCode> {
  out.progress('Stopping the sandbox…');
  const stopped = await control.stop();
  out.result({ stopped });
  out.line(stopped ? 'Sandbox stopped.' : 'No sandbox was running.');
  return EXIT.ok;
}

async function status({ io, out }: CommandContext, control: SandboxControl): Promise<ExitCode> {
  const now = await control.status();
  out.result(statusShape(now));
  out.line(now.running ? 'Sandbox runs.' : 'Sandbox does not run.');
  const since = now.connection?.startedAt;
  for (const line of renderFields([
    ['Address', now.connection?.url ?? null],
    ['Process', now.connection === undefined ? null : String(now.connection.pid)],
    ['Started', since === undefined ? null : formatRelative(since, io.clock.now())],
    ['Jobs', now.jobs === undefined ? null : describeCounts(now.jobs) || 'none'],
    ['Data', now.dataFolder],
  ])) {
    out.line(line);
  }
  if (!now.running) out.note('→ desc-panda sandbox start');
  return EXIT.ok;
}

async function reset(
  context: CommandContext,
  control: SandboxControl,
  dataFolder: string,
): Promise<ExitCode> {
  const { args, io, out } = context;
  const { running } = await control.status();
  const question = `${running ? 'Stop the sandbox and remove' : 'Remove'} all its jobs, logs and files in ${dataFolder}?`;
  if (!(await confirm(io, question, args.flag('yes')))) {
    out.note('Nothing was removed.');
    return EXIT.refused;
  }
  if (running) {
    out.progress('Stopping the sandbox…');
    await control.stop();
  }
  await control.reset();
  // Its submissions are gone with it; what stays would be looked for in vain.
  if (args.text('data-folder') === undefined) {
    await createSubmissionJournal(journalFolder(io)).clear(SANDBOX);
    await createTaskJournal(taskJournalFolder(io), io).clear(SANDBOX);
  }
  out.result({ reset: true, dataFolder });
  out.line('Sandbox is empty.');
  return EXIT.ok;
}

function statusShape({ running, connection, dataFolder, jobs }: SandboxStatus) {
  return { running, ...connectionShape(connection), dataFolder, jobs: jobs ?? null };
}

/** Everything but the token. */
function connectionShape(connection: SandboxConnection | undefined) {
  return {
    url: connection?.url ?? null,
    pid: connection?.pid ?? null,
    startedAt: isoTime(connection?.startedAt ?? null),
  };
}
