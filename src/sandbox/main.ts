/** The sandbox's process: answers PanDA's calls and keeps one pilot running, until it is told to stop. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { SandboxConnection } from './api.ts';
import { formatStartFailure, SandboxError } from './controlError.ts';
import { sandboxLayout, type SandboxLayout } from './layout.ts';
import { createLogFile, type LogFile } from './server/logFile.ts';
import { parseMainOptions, type MainOptions } from './server/mainOptions.ts';
import { supervisePilot, type PilotSupervisor } from './server/pilotSupervisor.ts';
import { startSandboxServer, type SandboxServer } from './server/server.ts';

const MAX_OPTIONS = 64 * 1024;
/** A pilot ends its payloads (10 s) and reports them (5 s) before it goes. */
const PILOT_PATIENCE = 20_000;

async function readLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.includes('\n') || text.length > MAX_OPTIONS) break;
  }
  return text.split('\n')[0] ?? '';
}

interface Running {
  readonly server: SandboxServer;
  pilot: PilotSupervisor | undefined;
  readonly log: LogFile;
  readonly layout: SandboxLayout;
}

async function start(options: MainOptions): Promise<Running> {
  const layout = sandboxLayout(options.dataFolder);
  const log = createLogFile(layout.serverLog, Date.now);
  const server = await startSandboxServer({
    dataFolder: options.dataFolder,
    port: options.port,
    owner: userInfo().username,
    heartbeatSeconds: options.heartbeatSeconds,
    ...(options.payloadFolder === undefined ? {} : { payloadFolder: options.payloadFolder }),
    ...(options.signIn === undefined ? {} : { signIn: options.signIn }),
    onError: (what, error) =>
      log.line(`${what}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`),
  });
  log.line(`Sandbox ${process.pid} answers at ${server.url}`);
  return { server, pilot: undefined, log, layout };
}

function startPilot(options: MainOptions, { log, layout }: Running): PilotSupervisor | undefined {
  const entry = options.pilotEntry === undefined ? besideThis('pilot.js') : options.pilotEntry;
  if (entry === null) return undefined;
  const { dataFolder, slots, heartbeatSeconds, version = 'unknown' } = options;
  return supervisePilot({
    entry,
    settings: { dataFolder, slots, heartbeatSeconds, version },
    pilotLog: createLogFile(layout.pilotLog, Date.now),
    log,
    patience: PILOT_PATIENCE,
  });
}

function besideThis(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Says where the sandbox is, in one step, to its owner only: whoever finds the file may call at once. */
function announce({ server: { url, token }, layout: { connectionFile } }: Running): void {
  const connection: SandboxConnection = { url, token, pid: process.pid, startedAt: Date.now() };
  const temporary = `${connectionFile}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, `${JSON.stringify(connection)}\n`, { mode: 0o600, flush: true });
  renameSync(temporary, connectionFile);
}

async function stop({ server, pilot, log, layout }: Running, why: string): Promise<void> {
  log.line(`${why}: stopping`);
  await pilot?.stop();
  rmSync(layout.connectionFile, { force: true });
  await server.close();
  log.line('Stopped');
}

async function main(): Promise<void> {
  process.umask(0o077);
  const options = parseMainOptions(await readLine());
  process.stdin.destroy();
  const running = await start(options);
  let isStopping = false;
  const onSignal = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    stop(running, `Got ${signal}`).then(
      () => process.exit(0),
      (error: unknown) => {
        running.log.line(`Could not stop in order: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  // The terminal that started it may close.
  process.on('SIGHUP', () => undefined);
  process.on('uncaughtException', (error) => {
    running.log.line(`Broken down: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  // Whoever finds where it is may stop it at once.
  announce(running);
  running.pilot = startPilot(options, running);
}

main().catch((error: unknown) => {
  const failure =
    error instanceof SandboxError
      ? error
      : new SandboxError(
          `The sandbox broke down: ${String(error)}`,
          'Report this with the sandbox’s log',
          error,
        );
  process.stderr.write(`${formatStartFailure(failure)}\n`);
  process.exitCode = 1;
});
