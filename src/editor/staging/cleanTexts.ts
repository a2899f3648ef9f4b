import type { StagingArea } from '../../staging/index.ts';
import { formatCount, formatRelative, formatSize, plural } from '../../watch/index.ts';
import type { SubmissionEnd } from './areaEnds.ts';

/** An area of one submission as an entry of a picker. */
export function areaEntry(
  { name, files, size, modified }: StagingArea,
  { end, name: called }: SubmissionEnd,
  now: number,
): { readonly label: string; readonly description: string; readonly detail: string } {
  const area = `${name.date}/${name.submissionId}`;
  const doubt = end === 'unknown' ? ' · whether its jobs have ended is not known here' : '';
  return {
    label: called ?? name.submissionId,
    description: `${plural(files, 'file')} · ${formatSize(size)} · last put ${ageText(modified, now)}`,
    detail: `${area}${doubt}`,
  };
}

const DAY = 86_400_000;

/** `12 days ago`; within a day as everywhere. */
export function ageText(time: number, now: number): string {
  const days = Math.floor((now - time) / DAY);
  return days < 1 ? formatRelative(time, now) : `${plural(days, 'day')} ago`;
}

/** What is about to be removed. */
export interface ToRemove {
  readonly areas: number;
  /** Of them, those whose jobs may still run. */
  readonly doubtful: number;
  /** Files in areas, and their bytes. */
  readonly files: number;
  readonly size: number;
  /** Shared inputs that nothing uses. */
  readonly inputs: number;
  readonly inputsSize: number;
  /** Uploads that never ended. */
  readonly uploads: number;
  /** `s3://desc/panda`. */
  readonly place: string;
}

/** The question before anything is removed, with count and size. */
export function removeQuestion(what: ToRemove): { readonly question: string; readonly detail: string } {
  const { areas, doubtful, files, size, inputs, inputsSize, uploads, place } = what;
  const parts = [
    areas === 0 ? '' : `${plural(areas, 'area')} with ${plural(files, 'file')}`,
    inputs === 0 ? '' : `${plural(inputs, 'input')} that nothing uses`,
    uploads === 0 ? '' : `${plural(uploads, 'upload')} that never ended`,
  ].filter((part) => part !== '');
  const total = size + inputsSize;
  const bytes = total === 0 ? '' : `, ${formatSize(total)}`;
  const sentences = [
    `From ${place}, for good.`,
    areas === 0 ? '' : 'Outputs and logs of jobs that are staged there go with them.',
    doubtful === 0
      ? ''
      : `Of ${doubtful === areas ? 'these' : formatCount(doubtful)} it is not known whether the jobs have ended: jobs that still run would fail.`,
  ].filter((sentence) => sentence !== '');
  return { question: `Remove ${joined(parts)}${bytes}?`, detail: sentences.join(' ') };
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}
