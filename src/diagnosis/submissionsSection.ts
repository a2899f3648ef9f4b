import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { formatSize, plural, unknownJobs } from '../watch/index.ts';
import { ok, warning } from './check.ts';
import type { Finding, Step } from './check.ts';
import type { Subject } from './subject.ts';

/** Less free space than this, in bytes, is worth a word. */
const LITTLE = 100_000_000;

/** Where submissions are noted before they are sent. */
export function submissionsSteps(subject: Subject): readonly Step[] {
  return [
    { name: 'folder', tried: `write to ${subject.journal.folder}`, run: () => checkFolder(subject) },
    { name: 'unsettled', tried: 'read what was noted', run: () => checkNotes(subject) },
  ];
}

async function checkFolder({ journal }: Subject): Promise<Finding> {
  await mkdir(journal.folder, { recursive: true, mode: 0o700 });
  await access(journal.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(journal.folder);
  const free = bavail * bsize;
  const detail = `${journal.folder} can be written, ${formatSize(free)} free`;
  return free < LITTLE ? warning(detail, 'Free some space') : ok(detail);
}

async function checkNotes({ journal, profile }: Subject): Promise<Finding> {
  const { entries, problems } = await journal.unsettled(profile.name);
  const [problem] = problems;
  if (problem !== undefined) {
    const files = plural(problems.length, 'file');
    return warning(`${files} cannot be used: ${problem.message}`, `Look at ${problem.file}`);
  }
  const lost = entries.filter(
    ({ submission, status }) => status !== 'running' && unknownJobs(submission).length > 0,
  );
  return lost.length > 0
    ? warning(`${plural(lost.length, 'submission')} with jobs of unknown fate`, 'See desc-panda submissions')
    : ok('no submission has jobs of unknown fate');
}
