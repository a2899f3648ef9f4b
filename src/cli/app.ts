import { nearMatches } from '../watch/index.ts';
import type { Command } from './command.ts';
import { COMMANDS, loadCommands } from './commands/index.ts';
import { EXIT } from './exitCodes.ts';
import { failureOf } from './failure.ts';
import type { ExitCode } from './exitCodes.ts';
import { renderCommandHelp, renderHelp } from './help.ts';
import type { CliIo } from './io.ts';
import { parseOptions } from './options.ts';
import { BrokenPipe } from './outStream.ts';
import { createOutput } from './output.ts';
import { clean } from './render/style.ts';
import type { CliServices } from './services.ts';
import { UsageError } from './usageError.ts';

/** Runs one call of `desc-panda` and says with what the process is to end. Never rejects. */
export async function runCli(words: readonly string[], io: CliIo, services: CliServices): Promise<ExitCode> {
  const end = words.indexOf('--');
  const json = words.slice(0, end < 0 ? undefined : end).includes('--json');
  try {
    return await dispatch(words, io, services);
  } catch (error) {
    return report(error, io, json);
  } finally {
    await io.stdout.flush();
  }
}

async function dispatch(words: readonly string[], io: CliIo, services: CliServices): Promise<ExitCode> {
  const [first, ...rest] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const [topic] = rest;
    const help =
      topic === undefined ? renderHelp(await loadCommands()) : renderCommandHelp(await commandNamed(topic));
    io.stdout.write(help);
    return EXIT.ok;
  }
  const command = await commandNamed(first);
  const args = parseOptions(rest, command);
  if (args.flag('help')) {
    io.stdout.write(renderCommandHelp(command));
    return EXIT.ok;
  }
  const out = createOutput(io, args.flag('json'));
  const options = { profile: args.text('profile'), setup: args.text('setup') };
  const { createConnector } = await import('./connection.ts');
  const connector = createConnector(options, io, out, services);
  try {
    return await command.run({ args, io, out, services, connector });
  } finally {
    out.progress('');
    connector.dispose();
  }
}

function commandNamed(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return load();
  if (name.startsWith('-')) {
    throw new UsageError(`The command comes first, before ${name}.`, 'See desc-panda --help');
  }
  const near = nearMatches(name, Object.keys(COMMANDS));
  const advice = near.length === 0 ? 'See desc-panda --help' : `Did you mean ${near.join(' or ')}`;
  throw new UsageError(`There is no command ${name}.`, advice);
}

/** One sentence, then what to do. */
function report(error: unknown, io: CliIo, json: boolean): ExitCode {
  if (io.signal.reason instanceof BrokenPipe) return EXIT.brokenPipe;
  const failure = failureOf(error);
  if (json) {
    io.stdout.write(`${JSON.stringify({ error: failure })}\n`);
  } else {
    const out = createOutput(io, false);
    out.note(clean(failure.message));
    if (failure.advice !== '') out.note(`→ ${clean(failure.advice)}`);
  }
  if (io.env.DESC_PANDA_DEBUG === '1' && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  return failure.exitCode;
}
