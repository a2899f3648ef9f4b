import { JOB_ATTRIBUTES } from '../../panda/index.ts';
import type { InputFile } from '../../panda/index.ts';
import { describePlace } from '../../staging/index.ts';
import { formatSize, plural } from '../../watch/index.ts';
import type { PreparedSubmission } from '../../watch/index.ts';
import { renderFields } from './jobDetails.ts';
import { cleanLine } from './style.ts';
import type { Style } from './style.ts';

/** Of more jobs than this the first and the last are shown. */
const SHOWN = 10;

/** Everything that would be sent: each job's record as PanDA names its attributes, and every file with its size. */
export function renderDryRun(
  { jobs, cacheFiles, staging }: PreparedSubmission,
  files: readonly InputFile[],
  server: string,
  style: Style,
): string[] {
  const lines = [`Would send ${plural(jobs.length, 'job')} to ${server}; nothing was sent.`];
  const shown = jobs.length <= SHOWN ? jobs : [...jobs.slice(0, 1), ...jobs.slice(-1)];
  for (const { jobName, spec, request } of shown) {
    lines.push('', style.bold(jobName));
    const fields = JOB_ATTRIBUTES.flatMap(([name]) => {
      const value = name === 'PandaID' ? undefined : spec[name];
      return value === undefined || value === null ? [] : [[name, String(value)] as const];
    });
    lines.push(...renderFields(fields).map((line) => `  ${line}`));
    for (const { type, lfn } of spec.files) lines.push(`  ${type} file  ${cleanLine(lfn)}`);
    if (staging === undefined) continue;
    for (const name of request.outputs) lines.push(`  output file  ${cleanLine(name)}`);
  }
  if (shown.length < jobs.length) {
    lines.push('', `These are the first and the last of ${plural(jobs.length, 'job')}; --json shows all.`);
  }
  lines.push('', style.bold('Files for the PanDA cache'));
  for (const { name, content } of cacheFiles) lines.push(`  ${name}  ${formatSize(content.length)}`);
  const title =
    staging === undefined ? 'Made of these files' : `Staged in ${cleanLine(describePlace(staging.settings))}`;
  if (files.length > 0) lines.push('', style.bold(title));
  for (const { path, size } of files) lines.push(`  ${cleanLine(path)}  ${formatSize(size)}`);
  return lines;
}
