import { isAbort } from '../panda/index.ts';

/** An error for a person: what happened, what to do, and what to look at or report. */
export interface ErrorText {
  readonly message: string;
  /** A sentence; empty where nothing can be advised. */
  readonly advice: string;
  /** Everything known of it, for the log; holds no secret as our errors hold none. */
  readonly details: string;
}

/** There is nothing that could be done: told to the user, but nothing went wrong. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo';
}

/** Errors of ours carry their advice. */
interface Advising {
  readonly advice: string;
}

function advises(error: Error): error is Error & Advising {
  return 'advice' in error && typeof error.advice === 'string';
}

/** Undefined where the user cancelled: that is no error. */
export function errorText(error: unknown): ErrorText | undefined {
  if (isAbort(error)) return undefined;
  if (!(error instanceof Error))
    return { message: sentence(String(error)), advice: '', details: String(error) };
  const advice = advises(error) ? sentence(error.advice) : '';
  const message = advises(error)
    ? sentence(error.message)
    : `Something went wrong: ${sentence(error.message)}`;
  return { message, advice, details: chain(error) };
}

function sentence(text: string): string {
  return text === '' || /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The error and its causes, with their stacks. */
function chain(error: Error): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let link: unknown = error; link instanceof Error && !seen.has(link); link = link.cause) {
    seen.add(link);
    parts.push(link.stack ?? `${link.name}: ${link.message}`);
  }
  return parts.join('\ncaused by ');
}
