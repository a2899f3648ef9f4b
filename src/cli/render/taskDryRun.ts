import type { GatheredTask } from '../../transformations/index.ts';
import { formatSize, plural } from '../../watch/index.ts';
import type { PreparedTask } from '../../watch/index.ts';
import { clean, cleanLine } from './style.ts';
import type { Style } from './style.ts';

/** Of what stays behind so many are named. */
const NAMED = 50;

/** Everything that would be sent of a task: its parameters as PanDA names them, and every file of its archive. */
export function renderTaskDryRun(
  { parameters, archive }: PreparedTask,
  { files, leftOut }: Pick<GatheredTask, 'files' | 'leftOut'>,
  server: string,
  style: Style,
): string[] {
  const { name, content } = archive;
  return [
    `Would send a task to ${server}; nothing was sent.`,
    '',
    style.bold('Parameters'),
    ...clean(JSON.stringify(parameters, null, 2))
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    style.bold(`${plural(files.length, 'file')} in ${name}, ${formatSize(content.length)}`),
    ...files.map((file) => `  ${cleanLine(file.name)}  ${formatSize(file.size)}`),
    ...renderLeftOut(leftOut, style),
  ];
}

function renderLeftOut(leftOut: GatheredTask['leftOut'], style: Style): string[] {
  if (leftOut.length === 0) return [];
  const more = leftOut.length - NAMED;
  return [
    '',
    style.bold('Left out'),
    ...leftOut.slice(0, NAMED).map(({ name, reason }) => `  ${cleanLine(name)}  ${reason}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
