import { isFinal, PandaError } from '../../panda/index.ts';
import type { JobRecord, MonitorApi } from '../../panda/index.ts';
import type { LogSource } from '../api.ts';

/** Tails that overlap by fewer characters may do so by chance. */
const LEAST_OVERLAP = 16;
/** Beyond so many characters the log begins anew: readers take it as another file. */
const MOST = 8 * 1024 ** 2;

const HEAD =
  '[Debug mode: each minute the last lines of the text file that the job wrote last. Not the whole log.]\n';
const GAP = '[What came between is not known, or this is from another file.]\n';

/** Such a job shows what it prints to PanDA as it runs. */
export function isDebugged({ jobStatus, startTime, specialHandling }: JobRecord): boolean {
  const words = (specialHandling ?? '').split(',');
  return startTime !== null && !isFinal(jobStatus) && (words.includes('debug') || words.includes('dm'));
}

/** The output of a job in debug mode, put together from the tails that the monitor shows; says so in its first line. */
export function debugLog(monitor: Pick<MonitorApi, 'debugTail'>, { PandaID }: JobRecord): LogSource {
  let text = '';
  let last = '';
  return {
    async read(file, from, length, options = {}) {
      const tail = file === 'payload.stdout' ? await monitor.debugTail(PandaID, options) : '';
      if (file !== 'payload.stdout' || (tail === '' && text === '')) throw noTail(PandaID, file);
      if (tail !== '' && tail !== last) {
        text = text === '' || text.length > MOST ? HEAD + tail : withTail(text, last, tail);
        last = tail;
      }
      const bytes = Buffer.from(text);
      return { from, bytes: bytes.subarray(from, from + length), size: bytes.length };
    },
  };
}

function withTail(text: string, last: string, tail: string): string {
  if (tail.startsWith(last)) return text + tail.slice(last.length);
  for (let overlap = Math.min(last.length, tail.length); overlap >= LEAST_OVERLAP; overlap -= 1) {
    if (last.endsWith(tail.slice(0, overlap))) return text + tail.slice(overlap);
  }
  return `${text}${text.endsWith('\n') ? '' : '\n'}${GAP}${tail}`;
}

function noTail(pandaId: number, file: string): PandaError {
  return new PandaError({
    kind: 'notFound',
    tried: `read ${file} of job ${pandaId}`,
    cameBack: 'its debug mode shows nothing of it yet',
    advice: 'Try again in some minutes: a pilot hears of debug mode at its next heartbeat',
  });
}
