import * as vscode from 'vscode';
import { noLinks } from './noLinks.ts';

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Lets the user pick one; undefined when they leave. */
export async function pickOne<T>(
  choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>,
  options: { readonly title: string; readonly placeHolder: string },
): Promise<T | undefined> {
  const picked = await vscode.window.showQuickPick(choices, {
    matchOnDescription: true,
    matchOnDetail: true,
    ...options,
  });
  return picked?.value;
}

/** Lets the user pick several; undefined when they leave or pick none. */
export async function pickMany<T>(
  choices: readonly Choice<T>[],
  options: { readonly title: string; readonly placeHolder: string },
): Promise<readonly T[] | undefined> {
  const picked = await vscode.window.showQuickPick(choices, {
    matchOnDescription: true,
    ...options,
    canPickMany: true,
  });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ value }) => value);
}

/** A question that must be answered before anything is done; true when the named button was chosen. */
export async function confirm(question: string, button: string, detail: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

export type NoticeKind = 'information' | 'warning' | 'error';

/** Tells something as it is, without links; resolves with the button that was chosen, undefined for none. */
export async function tell<Button extends string>(
  kind: NoticeKind,
  text: string,
  ...buttons: readonly Button[]
): Promise<Button | undefined> {
  const show = {
    information: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[kind];
  return show(noLinks(text), ...buttons);
}

/** Tells something and offers buttons; runs what belongs to the one chosen. Does not wait for the user. */
export function offer(
  kind: NoticeKind,
  text: string,
  actions: Readonly<Record<string, () => unknown>>,
  onError: (error: unknown) => void,
): void {
  const run = async (): Promise<void> => {
    const chosen = await tell(kind, text, ...Object.keys(actions));
    if (chosen !== undefined) await actions[chosen]?.();
  };
  run().catch(onError);
}
