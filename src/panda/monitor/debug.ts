import type { MonitorCallOptions } from './api.ts';
import type { MonitorCaller } from './caller.ts';

/** Pilots send it as often, milliseconds. */
const LIFE_MS = 60_000;
/** The server keeps 2,048 characters; a monitor that shows more is cut here. */
const LONGEST = 16_384;

export async function debugTail(
  monitor: MonitorCaller,
  pandaId: number,
  options: MonitorCallOptions,
): Promise<string> {
  const answer = await monitor.get(
    {
      path: `/job/${pandaId}/`,
      query: { showdebug: '1' },
      tried: `read what job ${pandaId} printed last`,
      readPage: tailOnPage,
      keep: () => LIFE_MS,
    },
    options,
  );
  return typeof answer === 'string' ? answer : '';
}

/** Only tags stand between the heading and the text; where there is none, a sentence does. */
const TAIL = /Job debug stdout\s*(?:<\/?(?:p|div|h\d|b)\b[^<>]*>\s*)*<pre\b[^<>]*>([^<]*)<\/pre>/iu;

function tailOnPage(html: string): string {
  return unescaped(TAIL.exec(html)?.[1] ?? '').slice(-LONGEST);
}

const CHARACTERS: Readonly<Partial<Record<string, string>>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#39': "'",
};

/** Undoes what the monitor's templates do to text; they know these characters only. */
function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#x27|#39);/gu, (whole, name: string) => CHARACTERS[name] ?? whole);
}
