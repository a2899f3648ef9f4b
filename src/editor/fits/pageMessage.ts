import type { PageMessage, PlanePlace } from './messages.ts';

const LONGEST_COPY = 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** A message from the page, checked; undefined for anything else. Whether there is such a part or pixel is not looked at. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  const message = fieldsOf(value);
  switch (message?.type) {
    case 'ready':
    case 'reload':
      return { type: message.type };
    case 'show': {
      const place = placeOf(message.place);
      return place && { type: 'show', place };
    }
    case 'tile':
    case 'pixel':
      return parseQuestion(message.type, message);
    case 'copy': {
      const { text } = message;
      return typeof text === 'string' && text.length <= LONGEST_COPY ? { type: 'copy', text } : undefined;
    }
    default:
      return undefined;
  }
}

function parseQuestion(type: 'tile' | 'pixel', message: Fields): PageMessage | undefined {
  const { id, level, column, row, x, y } = message;
  const place = placeOf(message.place);
  if (place === undefined || !isCount(id)) return undefined;
  if (type === 'pixel') return isCount(x) && isCount(y) ? { type, id, place, x, y } : undefined;
  if (!isLevel(level) || !isCount(column) || !isCount(row)) return undefined;
  return { type, id, place, level, column, row };
}

function placeOf(value: unknown): PlanePlace | undefined {
  const { part, plane } = fieldsOf(value) ?? {};
  return isCount(part) && isCount(plane) ? { part, plane } : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A power of two that an overview may stand for. */
function isLevel(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= 1024 && Number.isInteger(Math.log2(value));
}
