import type { ActionName, LogName, PageMessage, SearchQuery } from './messages.ts';

const LOGS: readonly LogName[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];
const ACTIONS: readonly ActionName[] = [
  'resubmit',
  'cancel',
  'openOutputs',
  'openMonitor',
  'copyLink',
  'refresh',
];
/** Messages that are a type alone. */
const BARE = ['ready', 'watchUsage', 'watchFiles'] as const;
const LONGEST_READ = 4 * 1024 * 1024;
const LONGEST_PATTERN = 1000;
const LONGEST_NAME = 4096;
const LONGEST_COPY = 64 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** A message from the page, checked; undefined for anything else. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message: Fields = Object.fromEntries(Object.entries(value));
  const bare = BARE.find((type) => type === message.type);
  if (bare !== undefined) return { type: bare };
  switch (message.type) {
    case 'do':
      return parseAction(message);
    case 'openJob':
      return isCount(message.pandaId) ? { type: 'openJob', pandaId: message.pandaId } : undefined;
    case 'openLog':
    case 'watchLog': {
      const file = logName(message.file);
      return file && { type: message.type, file };
    }
    case 'openFile':
      return isText(message.name, LONGEST_NAME) ? { type: 'openFile', name: message.name } : undefined;
    case 'copy':
      return isText(message.text, LONGEST_COPY) ? { type: 'copy', text: message.text } : undefined;
    default:
      return parseQuestion(message);
  }
}

function parseAction(message: Fields): PageMessage | undefined {
  const action = ACTIONS.find((name) => name === message.action);
  return action && { type: 'do', action };
}

/** Messages that carry an id, and are answered by it. */
function parseQuestion(message: Fields): PageMessage | undefined {
  const { id } = message;
  if (!isCount(id)) return undefined;
  if (message.type === 'stopSearch') return { type: 'stopSearch', id };
  const file = logName(message.file);
  if (file === undefined) return undefined;
  switch (message.type) {
    case 'read': {
      const { from, length } = message;
      if (!isCount(from) || !isCount(length) || length < 1 || length > LONGEST_READ) return undefined;
      return { type: 'read', id, file, from, length };
    }
    case 'search': {
      const query = searchQuery(message.query);
      return query && { type: 'search', id, file, query };
    }
    case 'firstError':
      return { type: 'firstError', id, file };
    default:
      return undefined;
  }
}

function searchQuery(value: unknown): SearchQuery | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pattern, regex, matchCase }: Fields = Object.fromEntries(Object.entries(value));
  if (!isText(pattern, LONGEST_PATTERN) || typeof regex !== 'boolean' || typeof matchCase !== 'boolean')
    return undefined;
  return { pattern, regex, matchCase };
}

function logName(value: unknown): LogName | undefined {
  return LOGS.find((name) => name === value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest;
}
