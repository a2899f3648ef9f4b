import * as vscode from 'vscode';
import { errorText, NothingToDo } from '../errorText.ts';

const SHOW_DETAILS = 'Show details';

/** The one place where an error reaches the user. */
export interface ErrorReporter {
  /** Shows what happened and what to do; the details are one click away. A user's cancel is not shown. */
  readonly show: (error: unknown) => void;
  /** Notes it in the log only: nobody waits for this. */
  readonly note: (error: unknown) => void;
}

export function createErrorReporter(log: vscode.LogOutputChannel): ErrorReporter {
  return {
    show(error) {
      if (error instanceof NothingToDo) {
        void vscode.window.showInformationMessage(error.message);
        return;
      }
      const text = errorText(error);
      if (text === undefined) return;
      log.error(text.details);
      const message = [text.message, text.advice].filter((part) => part !== '').join(' ');
      void vscode.window.showErrorMessage(message, SHOW_DETAILS).then((chosen) => {
        if (chosen === SHOW_DETAILS) log.show(true);
      });
    },
    note(error) {
      const text = errorText(error);
      if (text !== undefined) log.warn(text.details);
    },
  };
}

/** Registers a command whose errors are shown, whatever they are. */
export type RegisterCommand = (
  id: string,
  run: (...args: readonly unknown[]) => unknown,
) => vscode.Disposable;

export function commandRegistrar(errors: ErrorReporter): RegisterCommand {
  return (id, run) =>
    vscode.commands.registerCommand(id, async (...args: readonly unknown[]) => {
      try {
        await run(...args);
      } catch (error) {
        errors.show(error);
      }
    });
}
