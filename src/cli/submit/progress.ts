import { formatCount, formatTransfer } from '../../watch/index.ts';
import type { SubmitProgress } from '../../watch/index.ts';
import type { Output } from '../output.ts';

/** Shows on one line of the terminal how a submission goes on. */
export function showSubmitProgress(out: Output): (progress: SubmitProgress) => void {
  return (progress) => {
    out.progress(textOf(progress));
  };
}

function textOf(progress: SubmitProgress): string {
  switch (progress.phase) {
    case 'checking':
      return 'Checking…';
    case 'uploading':
      return `Sending files… ${progress.done} of ${progress.total}`;
    case 'staging':
      return `Staging… ${formatTransfer(progress)}`;
    case 'signing':
      return `Signing… ${formatCount(progress.done)} of ${formatCount(progress.total)} jobs`;
    case 'submitting':
      return `Submitting… ${formatCount(progress.done)} of ${formatCount(progress.total)} jobs`;
    case 'lookingUp':
      return `The answer was lost: looking for the jobs by name… ${formatCount(progress.done)} of ${formatCount(progress.total)} found`;
  }
}
