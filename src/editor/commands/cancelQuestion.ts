import { formatCount, plural, type Job } from '../../watch/index.ts';

export interface Question {
  readonly text: string;
  readonly button: string;
  readonly detail: string;
}

/** The question before a cancel: names what would end, and how many. */
export function cancelQuestion(
  jobs: readonly Job[],
  labelOf: (submissionId: string) => string | undefined,
): Question {
  const question = questionOf(jobs, labelOf);
  if (jobs.every(({ taskId }) => taskId === null)) return question;
  return {
    ...question,
    detail: `${question.detail} A task may make new attempts; to end it, kill the task.`,
  };
}

function questionOf(jobs: readonly Job[], labelOf: (submissionId: string) => string | undefined): Question {
  const [first] = jobs;
  const running = jobs.filter((job) => job.state === 'running').length;
  const detail =
    running === 0
      ? 'They end at once.'
      : `${formatCount(running)} of them ${running === 1 ? 'runs' : 'run'}: the pilot ends ${running === 1 ? 'it' : 'them'} at its next heartbeat, and what was computed is lost.`;
  if (first !== undefined && jobs.length === 1) {
    return {
      text: `Cancel ${first.name} (${first.pandaId})?`,
      button: 'Cancel job',
      detail:
        running === 0
          ? 'It ends at once.'
          : 'It runs: the pilot ends it at its next heartbeat, and what was computed is lost.',
    };
  }
  return {
    text: `Cancel ${plural(jobs.length, 'job')}${of(jobs, labelOf)}?`,
    button: `Cancel ${plural(jobs.length, 'job')}`,
    detail,
  };
}

/** ` of phoSim visit 900001`, where all are of one submission; else the first names. */
function of(jobs: readonly Job[], labelOf: (submissionId: string) => string | undefined): string {
  const submissions = new Set(jobs.map((job) => job.submissionId));
  const [only] = submissions;
  if (submissions.size === 1 && typeof only === 'string') {
    const label = labelOf(only);
    if (label !== undefined) return ` of ${label}`;
  }
  const names = [...new Set(jobs.map((job) => job.name))];
  return `: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}
