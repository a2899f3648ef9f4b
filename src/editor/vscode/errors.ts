import type * as vscode from 'vscode';
import type { CommandId } from '../contributions.ts';
import { errorText, NothingToDo } from '../errorText.ts';
import { tell } from './prompts.ts';

const SHOW_DETAILS = 'Show details';

/** The one place where an error reaches the user. */
export interface ErrorReporter {
  /** Shows what happened and what to do; the details are one click away. A user's cancel is not shown. */
  readonly show: (error: unknown) => void;
  /** Notes it in the log only: nobody waits for this. */
  readonly note: (error: unknown) => void;
}

/** `divert` takes errors that are told of in another way, and says which it took. */
export function createErrorReporter(
  log: vscode.LogOutputChannel,
  divert: (error: unknown) => boolean = () => false,
): ErrorReporter {
  return {
    show(error) {
      if (error instanceof NothingToDo) {
        void tell('information', error.message);
        return;
      }
      const text = errorText(error);
      if (text === undefined) return;
      log.error(text.details);
      if (divert(error)) return;
      const message = [text.message, text.advice].filter((part) => part !== '').join(' ');
      void tell('error', message, SHOW_DETAILS).then((chosen) => {
        if (chosen === SHOW_DETAILS) log.show(true);
      });
    },
    note(error) {
      const text = errorText(error);
      if (text !== undefined) log.warn(text.details);
    },
  };
}

/** Says what a command does; gone when disposed of. */
export type RegisterCommand = (
  id: CommandId,
  run: (...args: readonly unknown[]) => unknown,
) => vscode.Disposable;

export interface CommandTable {
  readonly register: RegisterCommand;
  /** Runs a command and shows its error, whatever it is. */
  readonly run: (id: CommandId, args: readonly unknown[]) => Promise<void>;
}

/** What each command does. The editor knows the ids already: see `extension.ts`. */
export function createCommandTable(errors: ErrorReporter): CommandTable {
  const table = new Map<CommandId, (...args: readonly unknown[]) => unknown>();
  return {
    register(id, run) {
      table.set(id, run);
      return { dispose: () => table.delete(id) };
    },
    async run(id, args) {
      try {
        await table.get(id)?.(...args);
      } catch (error) {
        errors.show(error);
      }
    },
  };
}
