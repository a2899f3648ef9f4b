import type { SubmitProgress } from '../../watch/index.ts';
import { withNotification } from '../vscode/progress.ts';

/** From so many bytes on, staging is worth a notice: the user waits for it, and may want to stop it. */
const LARGE = 16 * 1024 * 1024;

/** A notice that shows how a submission goes on once much is staged for it. Its button aborts the signal. */
export interface LongStagingNotice {
  readonly signal: AbortSignal;
  tell(progress: SubmitProgress, text: string): void;
  end(): void;
}

export function longStagingNotice(name: string): LongStagingNotice {
  const stop = new AbortController();
  const ended = Promise.withResolvers<undefined>();
  let report: ((text: string) => void) | undefined;
  let begun = false;
  const begin = (): void => {
    begun = true;
    void withNotification(`Submitting ${name}`, (progress) => {
      report = progress.report;
      progress.signal.addEventListener('abort', () => stop.abort());
      return ended.promise;
    });
  };
  return {
    signal: stop.signal,
    tell(progress, text) {
      if (!begun && progress.phase === 'staging' && progress.bytes >= LARGE) begin();
      report?.(text);
    },
    end: () => ended.resolve(undefined),
  };
}
