import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SANDBOX } from '../../panda/index.ts';
import type { Log } from '../../pipeline/index.ts';
import type { Command } from '../command.ts';
import type { Connector } from '../connection.ts';
import { accountConnector, daemonAccount, SANDBOX_SETTLED } from '../pipeline/daemonAccount.ts';
import { EXIT } from '../exitCodes.ts';
import { daemonsFolder } from '../settings.ts';
import { LocalError } from '../localError.ts';
import { UsageError } from '../usageError.ts';

/** A configuration larger than this (bytes) is none. */
const LARGEST = 1024 * 1024;

export const jobcontroldCommand: Command = {
  name: 'jobcontrold',
  summary: "Serves the SLAC pipeline's job control, in the foreground, until it is told to end",
  usage: ['jobcontrold --config FILE [options]'],
  options: [
    { name: 'config', value: 'FILE', help: 'what it is to do, see docs/operators.md' },
    { name: 'check', help: 'only say whether the configuration can be used' },
  ],
  examples: ['jobcontrold --config jobcontrold.yaml --check', 'jobcontrold --config jobcontrold.yaml'],
  async run(context) {
    const { args, io, out } = context;
    const { ConfigError, DaemonError, openLog, orDaemonError, parseDaemonConfig, startDaemon } =
      await import('../../pipeline/index.ts');
    const file = args.text('config');
    if (file === undefined) throw new UsageError('There is no configuration.', 'Name it by --config FILE');
    const text = await readText(resolve(io.cwd, file), file);
    const connectors: Connector[] = [];
    let log: Log | undefined;
    try {
      const config = parseDaemonConfig(file, text);
      if (args.flag('check')) {
        for (const user of config.users) await accountConnector(user, context).choose();
        await checkPassword(config.mail?.login?.passwordFile);
        out.result({ file, users: config.users.map(({ name }) => name) });
        out.line(`${file} can be used`);
        return EXIT.ok;
      }
      const print = (line: string): void => io.stderr.write(line);
      const opened = await orDaemonError('open the log', () =>
        openLog(config.log, () => io.clock.now(), print),
      );
      log = opened;
      const daemon = await startDaemon(config, {
        account: (user, folder) => daemonAccount(user, folder, context, connectors),
        clock: io.clock,
        announceIn: daemonsFolder(io),
        tell: opened.tell,
        courierProgram: context.services.courierProgram,
        ...(config.users.every(({ profile }) => profile === SANDBOX)
          ? { settledAfter: SANDBOX_SETTLED }
          : {}),
      });
      out.line(`Job control at port ${daemon.port}: ${daemon.names.join(', ')}`);
      await aborted(io.signal);
      await daemon.close();
      return EXIT.ok;
    } catch (error) {
      if (error instanceof ConfigError) throw new UsageError(error.message, 'Mend it and start again');
      if (error instanceof DaemonError) throw new LocalError(error.message, error.advice, error);
      throw error;
    } finally {
      for (const connector of connectors) connector.dispose();
      log?.close();
    }
  },
};

async function readText(path: string, file: string): Promise<string> {
  try {
    const content = await readFile(path);
    if (content.length > LARGEST) throw new UsageError(`${file} is too large.`, 'Name a configuration');
    return content.toString();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read.`, 'Check the name, and whether you may read it');
  }
}

async function checkPassword(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await readFile(path);
  } catch {
    throw new UsageError(
      `The file ${path} of mail.passwordFile cannot be read.`,
      'Check the name, and whether you may read it',
    );
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<undefined>();
  if (signal.aborted) done(undefined);
  signal.addEventListener('abort', () => done(undefined), { once: true });
  return promise;
}
