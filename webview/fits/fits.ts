/** The page of a FITS file: puts the parts together, hands what the host says to them, and what people do to the host. */
import type {
  FileView,
  HostMessage,
  ImageView,
  OverviewView,
  PageState,
  PlanePlace,
} from '../../src/editor/fits/messages.ts';
import { progressRing, registerControls } from '../controls.ts';
import { h, icon } from '../dom.ts';
import { makePalette } from './colours.ts';
import { headerTable } from './headerTable.ts';
import { connectHost, floats, type News } from './host.ts';
import { ImageCanvas } from './imageCanvas.ts';
import { listenToKeys } from './keys.ts';
import { COLOUR_MAPS, LIMITS, STRETCHES } from './pageState.ts';
import { partPicker } from './partPicker.ts';
import { statusLine } from './statusLine.ts';
import { toolbar } from './toolbar.ts';

registerControls();

const host = connectHost((news) => take(news));
let place: PlanePlace = { part: 0, plane: 0 };
let image: ImageView | null = null;
let overview: OverviewView | null = null;
let settings: Pick<PageState, 'stretch' | 'limits' | 'colours' | 'header'> = {
  stretch: host.kept.stretch ?? 'linear',
  limits: host.kept.limits ?? 'zscale',
  colours: host.kept.colours ?? 'gray',
  header: host.kept.header ?? false,
};
/** Where to look in the first image, as an earlier page left it. */
let firstLook = host.kept.look ?? null;

const status = statusLine();
const pointer = pixelReader();
const canvas = new ImageCanvas(makePalette(settings.stretch, settings.colours), {
  loadTile: (tile) => host.tile(place, tile),
  onPoint: (point) => pointer.ask(point),
  onLook: (look, scale) => {
    bar.setZoom(`${scale >= 0.1 ? Math.round(scale * 100) : (scale * 100).toFixed(1)} %`);
    if (image !== null) host.keep({ look });
  },
});
const header = headerTable(host.kept.filter ?? '', (filter) => host.keep({ filter }));
const bar = toolbar({
  stretch: (stretch) => set({ stretch }),
  limits: (limits) => set({ limits }),
  colours: (colours) => set({ colours }),
  zoom: (factor) => canvas.zoom({ factor }),
  fit: () => canvas.setLook(null),
  actualSize: () => canvas.zoom({ scale: 1 }),
  header: (open) => set({ header: open }),
  reload: () => host.send({ type: 'reload' }),
});
const parts = partPicker((next) => show(next));
const problem = h('p', { class: 'problem', hidden: true });
const trouble = h('div', { class: 'trouble', role: 'alert', hidden: true });
const progress = h('div', { class: 'progress', role: 'status', hidden: true });
const note = h('p', { class: 'note', hidden: true });
const main = h('main', {}, h('div', { class: 'stage' }, canvas.element, note), header.element);
const top = h('div', { class: 'top' }, parts.element, bar.element);
document.body.append(top, problem, trouble, main, status.element, progress);
showFrame(false);
drawSettings();
listenToKeys({
  canvas,
  focusHeader: () => {
    set({ header: true });
    header.focusFilter();
  },
  next: (name) => {
    if (name === 'stretch') set({ stretch: after(STRETCHES, settings.stretch) });
    else if (name === 'limits') set({ limits: after(LIMITS, settings.limits) });
    else set({ colours: after(COLOUR_MAPS, settings.colours) });
  },
  toggleHeader: () => set({ header: !settings.header }),
  stepPart: (step) => parts.stepPart(step),
  stepPlane: (step) => parts.stepPlane(step),
  reload: () => host.send({ type: 'reload' }),
  copy: () => {
    if (status.text !== '') host.send({ type: 'copy', text: status.text });
  },
});
host.send({ type: 'ready' });

function take(news: News): void {
  switch (news.type) {
    case 'file':
      showFile(news.view);
      break;
    case 'trouble':
      showTrouble(news);
      break;
    case 'progress':
      showProgress(news);
      break;
    case 'part':
      if (isHere(news.place)) showPart(news);
      break;
    case 'overview':
      if (isHere(news.place)) showOverview(news);
      break;
  }
}

function isHere(other: PlanePlace): boolean {
  return other.part === place.part && other.plane === place.plane;
}

function showFile(view: FileView): void {
  trouble.hidden = true;
  progress.hidden = true;
  showFrame(true);
  problem.hidden = view.problem === null;
  problem.replaceChildren(icon('warning'), view.problem ?? '');
  parts.setFile(view);
  const kept = host.kept.place;
  const isThere = kept !== undefined && kept.part < view.parts.length;
  if (!isThere) firstLook = null;
  show(isThere ? kept : { part: view.first, plane: 0 });
}

/** There is a file to show something of. */
function showFrame(visible: boolean): void {
  for (const part of [top, main, status.element]) part.hidden = !visible;
}

function show(next: PlanePlace): void {
  place = next;
  host.keep({ place });
  host.send({ type: 'show', place });
}

function showPart(news: Extract<HostMessage, { type: 'part' }>): void {
  // Another plane of the same size is looked at in the same place.
  const isSame = image !== null && news.image?.width === image.width && news.image.height === image.height;
  const look = isSame ? (host.kept.look ?? null) : firstLook;
  firstLook = null;
  image = news.image;
  overview = null;
  parts.show(place, image?.planes ?? 1);
  header.show(news.header);
  status.show(image);
  note.hidden = news.note === '';
  note.textContent = news.note;
  canvas.element.hidden = image === null;
  canvas.setImage(image, look);
  const facts = image === null ? '' : `${image.width} × ${image.height} pixels, ${image.pixels}`;
  canvas.element.setAttribute('aria-label', `Image of ${facts}`);
  bar.setImage(image !== null);
  bar.setRange('');
  progress.hidden = true;
  drawHeader();
}

function showOverview(news: Extract<HostMessage, { type: 'overview' }>): void {
  overview = news.view;
  if (overview.exact) progress.hidden = true;
  status.facts(overview.statistics, overview.exact);
  canvas.setOverview(overview, floats(news.bytes));
  drawSettings();
}

function set(next: Partial<typeof settings>): void {
  settings = { ...settings, ...next };
  host.keep(settings);
  drawSettings();
}

function drawSettings(): void {
  const { stretch, limits, colours } = settings;
  bar.set(settings, settings.header);
  drawHeader();
  if (overview === null) return;
  const range = overview.limits[limits];
  canvas.setColours(makePalette(stretch, colours), range);
  bar.setRange(`${short(range.low)} … ${short(range.high)}`);
}

/** A part without an image has its header alone. */
function drawHeader(): void {
  header.element.hidden = !settings.header && image !== null;
  main.classList.toggle('header-only', image === null);
}

function showTrouble({ message, advice }: Extract<HostMessage, { type: 'trouble' }>): void {
  progress.hidden = true;
  trouble.hidden = false;
  trouble.replaceChildren(
    icon('warning'),
    h('div', {}, h('p', {}, message), advice === '' ? null : h('p', { class: 'quiet' }, `→ ${advice}`)),
  );
}

function showProgress({ text, share }: Extract<HostMessage, { type: 'progress' }>): void {
  progress.hidden = false;
  const percent = share === null ? '' : ` · ${Math.round(share * 100)} %`;
  const line = h('span', {}, `${text}${percent}`);
  if (progress.firstElementChild === null) progress.append(progressRing('Reading'), line);
  else progress.lastElementChild?.replaceWith(line);
}

/** Asks for the value under the pointer: one question at a time, the latest next. */
function pixelReader(): { ask: (point: { readonly x: number; readonly y: number } | null) => void } {
  let wanted: { readonly x: number; readonly y: number } | null = null;
  let busy = false;
  const next = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (wanted !== null) {
      const point = wanted;
      const value = await host.pixel(place, point.x, point.y).catch(() => '');
      if (wanted === point) {
        status.point(point, value);
        break;
      }
    }
    busy = false;
  };
  return {
    ask(point) {
      const isSame = point?.x === wanted?.x && point?.y === wanted?.y;
      if (isSame) return;
      wanted = point;
      if (point === null) {
        status.point(null, '');
        return;
      }
      status.point(point, '…');
      void next();
    },
  };
}

function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] ?? one;
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–';
}
