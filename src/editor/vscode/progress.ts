import * as vscode from 'vscode';
import { views } from '../contributions.ts';
import { noLinks } from './noLinks.ts';

export interface Progress {
  readonly signal: AbortSignal;
  readonly report: (text: string) => void;
}

/** The bar on top of a view: for what the user started and need not wait for. */
export function withProgressIn<T>(viewId: string, run: (progress: Progress) => Promise<T>): Promise<T> {
  return withProgress({ location: { viewId } }, run);
}

/** The bar on top of the Jobs view. */
export function withViewProgress<T>(run: (progress: Progress) => Promise<T>): Promise<T> {
  return withProgressIn(views.jobs, run);
}

/** A notification that can be cancelled: for what the user waits for. */
export function withNotification<T>(title: string, run: (progress: Progress) => Promise<T>): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return withProgress({ location, title: noLinks(title), cancellable: true }, run);
}

async function withProgress<T>(
  options: vscode.ProgressOptions,
  run: (progress: Progress) => Promise<T>,
): Promise<T> {
  return vscode.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    const cancelled = token.onCancellationRequested(() => controller.abort());
    try {
      return await run({
        signal: controller.signal,
        report: (message) => progress.report({ message: noLinks(message) }),
      });
    } finally {
      cancelled.dispose();
    }
  });
}
