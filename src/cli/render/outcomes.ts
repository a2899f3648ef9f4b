import type { SubmitOutcome } from '../../panda/index.ts';
import { adviseUnknown, formatCount, plural } from '../../watch/index.ts';
import type { Submission } from '../../watch/index.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import type { Output } from '../output.ts';
import { cleanLine } from './style.ts';

const KINDS = [
  'accepted',
  'refused',
  'unknown',
  'notSent',
] as const satisfies readonly SubmitOutcome['kind'][];
const WORDS: Readonly<Record<SubmitOutcome['kind'], string>> = {
  accepted: 'accepted',
  refused: 'refused',
  unknown: 'unknown',
  notSent: 'not sent',
};
/** Jobs named in one remark. */
const NAMED = 3;

/** `197 accepted · 3 not sent`. */
export function countOutcomes(outcomes: readonly SubmitOutcome[]): string {
  return KINDS.map((kind) => [kind, outcomes.filter((outcome) => outcome.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${formatCount(count)} ${WORDS[kind]}`)
    .join(' · ');
}

/** Says what became of the jobs: the accepted ones on stdout, the others with their reasons on stderr. */
export function printOutcomes({ id, outcomes }: Submission, out: Output): void {
  for (const line of renderAccepted(outcomes)) out.line(line);
  for (const [kind, say] of TROUBLES) {
    const jobs = outcomes.flatMap((outcome) => (outcome.kind === kind ? [outcome] : []));
    const reasons = Map.groupBy(jobs, (job) => ('reason' in job ? job.reason : ''));
    for (const [reason, group] of reasons) {
      const names = group.slice(0, NAMED).map(({ jobName }) => cleanLine(jobName));
      const more = group.length > NAMED ? ` and ${formatCount(group.length - NAMED)} more` : '';
      out.note(`${say(group.length)}: ${names.join(', ')}${more}. ${cleanLine(reason)}`);
    }
    if (jobs.length === 0) continue;
    if (kind === 'unknown')
      out.note(`→ ${adviseUnknown(jobs.length)}: desc-panda submissions resend|forget ${id}`);
    if (kind === 'notSent') out.note(`→ desc-panda submissions resume ${id} sends what was not sent`);
  }
}

const TROUBLES: readonly (readonly [SubmitOutcome['kind'], (count: number) => string])[] = [
  ['refused', (count) => `PanDA refused ${plural(count, 'job')}`],
  ['unknown', (count) => `${plural(count, 'job')} may or may not exist`],
  ['notSent', (count) => `${plural(count, 'job')} ${count === 1 ? 'was' : 'were'} not sent`],
];

function renderAccepted(outcomes: readonly SubmitOutcome[]): string[] {
  const ids = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.pandaId] : []));
  const [first] = ids;
  if (first === undefined) return [];
  if (ids.length === 1) return [`Submitted as ${first}.`];
  return [`Submitted ${plural(ids.length, 'job')}: ${ranges(ids)}.`];
}

/** `1–3, 7`. */
function ranges(ids: readonly number[]): string {
  const parts: [from: number, to: number][] = [];
  for (const id of ids.toSorted((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else parts.push([id, id]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

/** What a program is told: the worst of the outcomes. */
export function exitCodeOfOutcomes(outcomes: readonly SubmitOutcome[]): ExitCode {
  const kinds = new Set(outcomes.map(({ kind }) => kind));
  if (kinds.has('unknown')) return EXIT.unknownOutcome;
  if (kinds.has('refused')) return EXIT.refused;
  return kinds.has('notSent') ? EXIT.unreachable : EXIT.ok;
}
