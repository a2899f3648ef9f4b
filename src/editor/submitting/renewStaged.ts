import { isFinal } from '../../panda/index.ts';
import { keepRenewed, type Disposable } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { offer } from '../vscode/prompts.ts';
import { submitDeps } from './submitDeps.ts';

/** Keeps the files of jobs that wait within their reach, as long as the session lasts. */
export function renewStaged(session: Session, { errors, log }: Parts): Disposable {
  return keepRenewed(submitDeps(session), {
    submissions: () =>
      session.store
        .groups('submission', '')
        .filter(({ key, states }) => key !== '' && hasJobsInMotion(states))
        .map(({ key }) => key),
    note: (id, error) => {
      log.warn(`Submission ${id} could not be renewed: ${errorText(error)?.details ?? ''}`);
      const text = errorText(error);
      if (text === undefined) return;
      const message = `Jobs of submission ${id} may not reach their files when they start: ${text.message} ${text.advice}`;
      offer('warning', message.trim(), {}, errors.show);
    },
  });
}

function hasJobsInMotion(states: Readonly<Record<string, number>>): boolean {
  return Object.entries(states).some(([state, count]) => count > 0 && !isFinal(state));
}
