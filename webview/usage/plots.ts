/** Draws what a job used over time. A script of its own, loaded when the tab that shows it is opened. */
import uPlot from 'uplot';
import './usageApi.ts';
import type { UsageView } from '../../src/editor/panel/messages.ts';

const HEIGHT = 190;
const MEBI = 1024 * 1024;

interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly color: string;
  readonly dash?: number[];
}

/** Puts the plots into an element, as wide as that is; what is returned takes them away. */
function draw(element: HTMLElement, view: UsageView): () => void {
  const plots = [
    plot(element, view.seconds, 'MB', memoryLines(view)),
    plot(element, view.seconds, 'cores', coreLines(view)),
  ].filter((one) => one !== undefined);
  const resized = new ResizeObserver(() => {
    for (const one of plots) one.setSize({ width: widthOf(element), height: HEIGHT });
  });
  resized.observe(element);
  return () => {
    resized.disconnect();
    for (const one of plots) one.destroy();
  };
}

function memoryLines({ pss, rss, memoryAsked, seconds }: UsageView): readonly Line[] {
  const megabytes = (values: readonly (number | null)[]): readonly (number | null)[] =>
    values.map((value) => (value === null ? null : value / MEBI));
  return [
    ...(pss === null ? [] : [{ label: 'PSS', values: megabytes(pss), color: color('charts-blue') }]),
    ...(rss === null ? [] : [{ label: 'RSS', values: megabytes(rss), color: color('charts-purple') }]),
    ...(memoryAsked === null || (pss === null && rss === null)
      ? []
      : [limit('asked', memoryAsked / MEBI, seconds)]),
  ];
}

function coreLines({ cores, coresAsked, seconds }: UsageView): readonly Line[] {
  if (cores === null) return [];
  return [{ label: 'CPU', values: cores, color: color('charts-green') }, limit('asked', coresAsked, seconds)];
}

function limit(label: string, value: number, seconds: readonly number[]): Line {
  return { label, values: seconds.map(() => value), color: color('charts-red'), dash: [6, 4] };
}

function plot(
  element: HTMLElement,
  seconds: readonly number[],
  unit: string,
  lines: readonly Line[],
): uPlot | undefined {
  if (lines.length === 0) return undefined;
  const ink = color('foreground');
  const axis = {
    stroke: ink,
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: faint(ink), width: 1 },
    ticks: { stroke: faint(ink), width: 1 },
  };
  const options: uPlot.Options = {
    width: widthOf(element),
    height: HEIGHT,
    title: unit === 'MB' ? 'Memory' : 'Processors',
    scales: { x: { time: false }, y: { range: (_plot, _min, max) => [0, Math.max(max, 0.1) * 1.08] } },
    series: [
      { label: 'after', value: (_plot, value: number | null) => (value === null ? '–' : clock(value)) },
      ...lines.map(({ label, color: stroke, dash }): uPlot.Series => ({
        label,
        stroke,
        width: 1.5,
        points: { show: false },
        value: (_plot, value: number | null) => (value === null ? '–' : `${number(value)} ${unit}`),
        ...(dash === undefined ? {} : { dash }),
      })),
    ],
    axes: [
      { ...axis, values: (_plot, values) => values.map(clock) },
      { ...axis, size: 64, values: (_plot, values) => values.map((value) => `${number(value)} ${unit}`) },
    ],
  };
  const data: uPlot.AlignedData = [[...seconds], ...lines.map(({ values }) => [...values])];
  return new uPlot(options, data, element);
}

function widthOf(element: HTMLElement): number {
  return Math.min(1000, Math.max(200, element.clientWidth));
}

function color(name: string): string {
  return getComputedStyle(document.body).getPropertyValue(`--vscode-${name}`).trim() || 'gray';
}

function faint(ink: string): string {
  return `color-mix(in srgb, ${ink} 18%, transparent)`;
}

function number(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);
}

/** `1:02:03`, or `2:03` below an hour. */
function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

globalThis.descPandaUsage = { draw };
