import { shellJoin, shellQuote, splitShellWords } from '../../panda/index.ts';
import { jobSubmissionException } from '../rmi/index.ts';
import type { Job } from '../rmi/index.ts';
import { logFileOf } from './identity.ts';
import { mailedCommand } from './jobMailScript.ts';
import type { JobMails, MailedJob } from './jobMailScript.ts';

/** Name of the script that runs a job's command, beside the job's own files. */
export const RUN_SCRIPT = 'desc-panda-job.sh';

/** Names that a shell can export. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The script that sets a job's environment and becomes its command. Every text of the job stands in it as one quoted word,
 * so that a shell expands none. With `mails` it stays beside the command, to send them.
 */
export function runScriptOf(
  job: Job,
  words: readonly string[],
  instance: string,
  mails: JobMails | undefined,
): string {
  const exports = [...job.env].map(([name, value]) => {
    checkVariable(name, value);
    return `export ${name}=${shellQuote(value)}`;
  });
  const own = ['PIPELINE_WORKDIR=$(pwd)', `JOBCONTROL_LOGFILE=$(pwd)/${shellQuote(logFileOf(job))}`];
  return [
    '#!/bin/sh',
    ...own.map((text) => `${text}\nexport ${text.slice(0, text.indexOf('='))}`),
    `export JOBCONTROL_SUBMIT_COMMAND=${shellQuote(submitCommand(words))}`,
    ...exports,
    mails === undefined ? `exec ${shellJoin(words)}` : mailedCommand(words, mailedJob(job, instance), mails),
    '',
  ].join('\n');
}

/** As the daemon names it. */
function mailedJob(job: Job, instance: string): MailedJob {
  const workDir = oneLine(job.workingDirectory ?? '');
  const logFile = logFileOf(job);
  return { instance, workDir, logFile: workDir === '' ? logFile : `${workDir}/${logFile}` };
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/gu, ' ');
}

/** Throws a JobSubmissionException for what no program can be given. */
export function checkVariable(name: string, value: string): void {
  if (!VARIABLE.test(name)) {
    throw jobSubmissionException(
      `The environment of the job has a name that no shell takes: ${JSON.stringify(name)}`,
    );
  }
  if (value.includes('\0') || !value.isWellFormed()) {
    throw jobSubmissionException(
      `The value of ${name} in the environment of the job holds characters that none can`,
    );
  }
}

/** The words of a command; throws a JobSubmissionException where there is none, or a quote stays open. */
export function wordsOf(command: string | null): readonly string[] {
  if (command === null || command.trim() === '') throw jobSubmissionException('Missing command');
  const words = splitShellWords(command);
  if (words === undefined)
    throw jobSubmissionException(`A quote of the command is not closed: ${command.slice(0, 200)}`);
  if (words.some((word) => word.includes('\0')))
    throw jobSubmissionException('The command holds the character NUL');
  return words;
}

/** As other job control services write it: words with blanks in double quotes. */
function submitCommand(words: readonly string[]): string {
  return words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ');
}
