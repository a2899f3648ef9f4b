import type { ColourMap, LimitName, PageState, Stretch } from '../../src/editor/fits/messages.ts';

export const STRETCHES: readonly Stretch[] = ['linear', 'sqrt', 'log', 'asinh'];
export const COLOUR_MAPS: readonly ColourMap[] = ['gray', 'inverted', 'viridis'];
export const LIMITS: readonly LimitName[] = [
  'min–max',
  'zscale',
  '99.9 %',
  '99.5 %',
  '99 %',
  '98 %',
  '95 %',
  '90 %',
];

/** What an earlier page kept, part by part: an older version may have kept it in another shape. */
export function readPageState(kept: unknown): Partial<PageState> {
  const values = fields(kept);
  const state: { -readonly [Name in keyof PageState]?: PageState[Name] } = {};
  const stretch = STRETCHES.find((name) => name === values.stretch);
  if (stretch !== undefined) state.stretch = stretch;
  const limits = LIMITS.find((name) => name === values.limits);
  if (limits !== undefined) state.limits = limits;
  const colours = COLOUR_MAPS.find((name) => name === values.colours);
  if (colours !== undefined) state.colours = colours;
  if (typeof values.header === 'boolean') state.header = values.header;
  if (typeof values.filter === 'string') state.filter = values.filter;
  const { part, plane } = fields(values.place);
  if (isCount(part) && isCount(plane)) state.place = { part, plane };
  const { scale, x, y } = fields(values.look);
  if (isFinite(scale) && scale > 0 && isFinite(x) && isFinite(y)) state.look = { scale, x, y };
  return state;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
