const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Hours ahead of UTC. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  JST: 9,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

const FORM = /^[A-Z][a-z]{2} +([A-Z][a-z]{2}) +(\d{1,2}) +(\d{2}):(\d{2}):(\d{2}) +([A-Z]+) +(\d{4})$/;

/** A time as Unix `date` prints it, in UTC: `Mon Oct 21 05:00:00 UTC 2013`. `time`: milliseconds since 1970. */
export function formatMailDate(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${DAYS[date.getUTCDay()] ?? ''} ${MONTHS[date.getUTCMonth()] ?? ''} ${two(date.getUTCDate())}`;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day} ${clock} UTC ${String(date.getUTCFullYear()).padStart(4, '0')}`;
}

/**
 * Milliseconds since 1970; null for anything else than a time in that form. Zones are those of the pipeline's sites: an
 * abbreviation of a zone elsewhere in the world is not guessed at.
 */
export function parseMailDate(text: string): number | null {
  const [, monthName = '', day = '', hours, minutes, seconds, zone = '', year] = FORM.exec(text.trim()) ?? [];
  const month = MONTHS.indexOf(monthName) + 1;
  const offset = Object.hasOwn(ZONES, zone) ? ZONES[zone] : undefined;
  if (month === 0 || offset === undefined) return null;
  const two = (value: string | number): string => String(value).padStart(2, '0');
  // A leap second is the last of its minute.
  const iso = `${year}-${two(month)}-${two(day)}T${hours}:${minutes}:${seconds === '60' ? '59' : seconds}.000Z`;
  const local = new Date(iso);
  const exists = !Number.isNaN(local.getTime()) && local.toISOString() === iso;
  return exists ? local.getTime() - offset * 3_600_000 : null;
}
