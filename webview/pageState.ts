import type { LogName, PageState, Place, SearchQuery, TabName } from '../src/editor/panel/messages.ts';

const TABS: readonly TabName[] = ['log', 'files', 'parameters', 'resources', 'attempts'];
const FILES: readonly LogName[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];

/** What an earlier page kept, part by part: an older version may have kept it in another shape. */
export function readPageState(kept: unknown): Partial<PageState> {
  if (typeof kept !== 'object' || kept === null) return {};
  const values = new Map<string, unknown>(Object.entries(kept));
  const state: { -readonly [Name in keyof PageState]?: PageState[Name] } = {};
  const tab = TABS.find((name) => name === values.get('tab'));
  if (tab !== undefined) state.tab = tab;
  const file = FILES.find((name) => name === values.get('file'));
  if (file !== undefined) state.file = file;
  for (const name of ['wrap', 'follow'] as const) {
    const value = values.get(name);
    if (typeof value === 'boolean') state[name] = value;
  }
  for (const name of ['profile', 'filter'] as const) {
    const value = values.get(name);
    if (typeof value === 'string') state[name] = value;
  }
  const pandaId = values.get('pandaId');
  if (typeof pandaId === 'number') state.pandaId = pandaId;
  const top = readPlace(values.get('top'));
  if (top !== undefined) state.top = top;
  const find = readQuery(values.get('find'));
  if (find !== undefined) state.find = find;
  return state;
}

function readQuery(kept: unknown): SearchQuery | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined;
  const { pattern, regex, matchCase } = Object.fromEntries(Object.entries(kept));
  if (typeof pattern !== 'string') return undefined;
  return { pattern, regex: regex === true, matchCase: matchCase === true };
}

function readPlace(kept: unknown): Place | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined;
  const { offset, line } = Object.fromEntries(Object.entries(kept));
  if (typeof offset !== 'number') return undefined;
  return { offset, line: typeof line === 'number' ? line : null };
}
