import { errorText } from '../errorText.ts';
import type { SessionState } from '../session.ts';

export interface Trouble {
  readonly message: string;
  readonly advice: string;
  readonly waiting: boolean;
  readonly retry: boolean;
}

/** Why there is no session to ask, in words for the page. */
export function withoutSession(state: SessionState, pandaId: number): Trouble {
  switch (state.kind) {
    case 'open':
    case 'opening':
    case 'closed':
      return { message: 'Connecting to PanDA', advice: '', waiting: true, retry: false };
    case 'restricted':
      return {
        message: `Job ${pandaId} cannot be shown in a restricted workspace.`,
        advice: 'Trust this workspace to connect to PanDA',
        waiting: false,
        retry: false,
      };
    case 'sandboxStopped':
      return {
        message: `Job ${pandaId} cannot be shown: the sandbox does not run.`,
        advice: 'Start the sandbox to see it',
        waiting: false,
        retry: true,
      };
    case 'unusable': {
      const text = errorText(state.error);
      return { message: text?.message ?? '', advice: text?.advice ?? '', waiting: false, retry: true };
    }
  }
}
