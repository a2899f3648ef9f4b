import type { SubmitOutcome } from '../../panda/index.ts';
import { adviseUnknown, formatCount, plural } from '../../watch/index.ts';

/** Outcomes by kind. */
export interface Outcomes {
  readonly accepted: readonly Extract<SubmitOutcome, { kind: 'accepted' }>[];
  readonly refused: readonly Extract<SubmitOutcome, { kind: 'refused' }>[];
  readonly unknown: readonly Extract<SubmitOutcome, { kind: 'unknown' }>[];
  readonly notSent: readonly Extract<SubmitOutcome, { kind: 'notSent' }>[];
}

export function sortOutcomes(outcomes: readonly SubmitOutcome[]): Outcomes {
  return {
    accepted: outcomes.filter((outcome) => outcome.kind === 'accepted'),
    refused: outcomes.filter((outcome) => outcome.kind === 'refused'),
    unknown: outcomes.filter((outcome) => outcome.kind === 'unknown'),
    notSent: outcomes.filter((outcome) => outcome.kind === 'notSent'),
  };
}

/** Some reasons are whole sentences. */
function reasonOf([first]: readonly { readonly reason: string }[]): string {
  return first?.reason.replace(/\.$/, '') ?? 'no reason given';
}

/** `PanDA refused 2 of 5 jobs of sweep: …` */
export function refusedText(name: string, { refused }: Outcomes, total: number): string {
  const which = total === 1 ? name : `${formatCount(refused.length)} of ${plural(total, 'job')} of ${name}`;
  return `PanDA refused ${which}: ${reasonOf(refused)}.`;
}

/** Says exactly what may have happened, and what to do. */
export function unknownText(name: string, { unknown }: Outcomes): string {
  const may = unknown.length === 1 ? 'It may or may not exist' : 'They may or may not exist';
  const which = unknown.length === 1 ? `a job of ${name}` : `${formatCount(unknown.length)} jobs of ${name}`;
  return `The answer for ${which} was lost: ${reasonOf(unknown)}. ${may}. ${adviseUnknown(unknown.length)}.`;
}

export function notSentText(name: string, { notSent }: Outcomes): string {
  const which =
    notSent.length === 1 ? `A job of ${name} was` : `${formatCount(notSent.length)} jobs of ${name} were`;
  return `${which} not sent: ${reasonOf(notSent)}.`;
}
