import { cleanText } from '../text/cleanText.ts';
import { isObject, protocolError } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import type { MonitorCallOptions, MonitorFile } from './api.ts';
import type { MonitorCaller } from './caller.ts';
import { decodeTime } from '../wire/time.ts';

/** The monitor lists a hundred; somebody else's may list anything. */
const MOST_FILES = 10_000;

export async function filesOfJob(
  monitor: MonitorCaller,
  pandaId: number,
  options: MonitorCallOptions,
): Promise<readonly MonitorFile[]> {
  const call = {
    path: '/filebrowser/',
    query: { pandaid: String(pandaId) },
    tried: `list the files of job ${pandaId}`,
  };
  const facts = monitor.facts(call);
  const answer = await monitor.get(call, options);
  if (!isObject(answer)) throw protocolError(facts, 'the answer is no list of files');
  if (typeof answer.error === 'string' && answer.error !== '') {
    throw new PandaError({
      kind: 'rejected',
      tried: facts.tried,
      cameBack: cleanText(answer.error),
      advice: 'Look for the files on the page of the job',
    });
  }
  if (!Array.isArray(answer.files)) throw protocolError(facts, 'the answer holds no list of files');
  return answer.files
    .slice(0, MOST_FILES)
    .filter(isObject)
    .flatMap((file): MonitorFile[] => {
      const { name, dirname, size, modification, media_link: link } = file;
      const url = typeof link === 'string' ? fileUrl(monitor.base, link) : undefined;
      if (typeof name !== 'string' || url === undefined) return [];
      return [
        {
          name,
          folder: typeof dirname === 'string' ? dirname : '',
          size: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : null,
          modified: decodeTime(modification),
          url,
        },
      ];
    });
}

/** Links begin with the host, and are reached as the monitor is; some with a path there. */
function fileUrl(base: string, link: string): string | undefined {
  const url = /^(?:https?:\/)?\//iu.test(link) ? link : `//${link}`;
  return URL.canParse(url, base) ? new URL(url, base).href : undefined;
}
