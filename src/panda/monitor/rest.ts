import type { HttpAnswer } from '../http/types.ts';
import type { RetryTools } from '../http/retry.ts';

const FIRST_WAIT_MS = 2_000;
/** A call waits this long for a monitor that is busy, and no longer. */
const LONGEST_WAIT_MS = 30_000;
/** No `Retry-After` is taken for longer. */
const LONGEST_REST_MS = 3_600_000;
const LONGEST_OWN_REST_MS = 600_000;

/** How a host that is busy or in trouble is left alone. */
export interface MonitorRest {
  /** Time (epoch milliseconds) until which a call has to be kept from it; undefined for now. */
  until(background: boolean): number | undefined;
  /** How long to wait before asking again, milliseconds; undefined when it is not to be asked again for this call. */
  afterTrouble(answer: HttpAnswer, attempt: number): number | undefined;
  /** All tries of a call met trouble. */
  gaveUp(): void;
  /** It answers. */
  recovered(): void;
}

export function isTrouble({ status }: HttpAnswer): boolean {
  return status === 429 || status >= 500;
}

export function createMonitorRest(tools: Pick<RetryTools, 'now' | 'random'>): MonitorRest {
  let asked = -Infinity;
  let own = -Infinity;
  let failures = 0;
  const ahead = (time: number): number | undefined => {
    const left = time - tools.now();
    // A rest longer than there is means that the clock was set back.
    return left > 0 && left <= LONGEST_REST_MS ? time : undefined;
  };
  return {
    until: (background) => ahead(background ? Math.max(asked, own) : asked),
    afterTrouble(answer, attempt) {
      const wish = retryAfter(answer, tools.now());
      if (wish !== undefined && wish > LONGEST_WAIT_MS) {
        asked = tools.now() + Math.min(wish, LONGEST_REST_MS);
        return undefined;
      }
      const own = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.75 + tools.random() / 2);
      return Math.max(wish ?? 0, own);
    },
    gaveUp() {
      failures += 1;
      own = tools.now() + Math.min(LONGEST_WAIT_MS * 2 ** (failures - 1), LONGEST_OWN_REST_MS);
    },
    recovered() {
      failures = 0;
      own = -Infinity;
      asked = -Infinity;
    },
  };
}

/** Milliseconds that the answer asks to wait: a number of seconds or a date; undefined where it says neither. */
function retryAfter(answer: HttpAnswer, now: number): number | undefined {
  const text = answer.headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Of other numbers `Date.parse` makes dates.
  const date = /^[a-z]/iu.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
