import type { Connector } from './connection.ts';
import type { ExitCode } from './exitCodes.ts';
import type { CliIo } from './io.ts';
import type { Args, OptionSpec } from './options.ts';
import type { Output } from './output.ts';
import type { CliServices } from './services.ts';

/** What a command is run with. */
export interface CommandContext {
  readonly args: Args;
  readonly io: CliIo;
  readonly out: Output;
  readonly services: CliServices;
  readonly connector: Connector;
}

/** One word after `desc-panda`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** How it is called, without `desc-panda`. */
  readonly usage: readonly string[];
  /** Without those that every command takes. */
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** What to do about an option that it does not have, where that is not to mend a slip of the pen. */
  readonly strayOptionAdvice?: string;
  run(context: CommandContext): Promise<ExitCode>;
}
