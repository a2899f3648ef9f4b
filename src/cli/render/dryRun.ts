import { JOB_ATTRIBUTES } from '../../panda/index.ts';
import { formatSize, plural } from '../../watch/index.ts';
import type { PreparedSubmission } from '../../watch/index.ts';
import { renderFields } from './jobDetails.ts';
import { cleanLine } from './style.ts';
import type { Style } from './style.ts';

/** Everything that would be sent: each job's record as PanDA names its attributes, and the files for the cache. */
export function renderDryRun(prepared: PreparedSubmission, server: string, style: Style): string[] {
  const lines = [`Would send ${plural(prepared.jobs.length, 'job')} to ${server}; nothing was sent.`];
  for (const { jobName, spec } of prepared.jobs) {
    lines.push('', style.bold(jobName));
    const fields = JOB_ATTRIBUTES.flatMap(([name]) => {
      const value = name === 'PandaID' ? undefined : spec[name];
      return value === undefined || value === null ? [] : [[name, String(value)] as const];
    });
    lines.push(...renderFields(fields).map((line) => `  ${line}`));
    for (const { type, lfn } of spec.files) lines.push(`  ${type} file  ${cleanLine(lfn)}`);
  }
  lines.push('', style.bold('Files for the PanDA cache'));
  for (const { name, content } of prepared.cacheFiles) lines.push(`  ${name}  ${formatSize(content.length)}`);
  return lines;
}
