import type { ImageView, Limits, OverviewView, PageState } from '../../src/editor/fits/messages.ts';
import { h } from '../dom.ts';
import { paint, type Palette } from './colours.ts';
import type { Values } from './host.ts';
import { levelFor, TILE_SIDE, tileKey, tilesInView, type TilePlace, type Window } from './tiles.ts';

export type Look = NonNullable<PageState['look']>;

export interface ImageCanvasDeps {
  readonly loadTile: (tile: TilePlace) => Promise<Values>;
  /** The pixel under the pointer, or in the middle after a key; null for none. Counted from 0. */
  readonly onPoint: (point: { readonly x: number; readonly y: number } | null) => void;
  /** What is in view changed; null for the whole. */
  readonly onLook: (look: Look | null, scale: number) => void;
}

/** A painted part of the image. */
interface Painted extends Values {
  readonly canvas: HTMLCanvasElement;
  /** The colours it wears are those of this number. */
  coloured: number;
}

const LARGEST_SCALE = 64;
/** Tiles asked for at a time. */
const TOGETHER = 6;
/** Tiles that are kept besides those in view. */
const KEPT = 128;
const MARGIN = 0.94;

/** The image: overview at once, sharper tiles as they come; pan by dragging, zoom by wheel. */
export class ImageCanvas {
  readonly element: HTMLElement;
  readonly #deps: ImageCanvasDeps;
  readonly #canvas = document.createElement('canvas');
  readonly #tiles = new Map<string, Painted>();
  readonly #loading = new Set<string>();
  /** Tiles that could not be read: the overview stays in their place. */
  readonly #failed = new Set<string>();
  #image: Pick<ImageView, 'width' | 'height'> | undefined;
  #overview: (Painted & { readonly factor: number }) | undefined;
  #palette: Palette;
  #limits: Limits = { low: 0, high: 1 };
  #colours = 0;
  /** Null: the whole image. */
  #look: Look | null = null;
  /** Counts images, so that tiles of an earlier one that come late are not shown. */
  #generation = 0;
  #frame = 0;

  constructor(palette: Palette, deps: ImageCanvasDeps) {
    this.#palette = palette;
    this.#deps = deps;
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.element = h('div', { class: 'image', tabindex: '0', role: 'img', 'aria-label': 'Image' });
    this.element.append(this.#canvas);
    new ResizeObserver(() => this.#resize()).observe(this.element);
    this.#listen();
  }

  get scale(): number {
    return this.#current().scale;
  }

  /** Begins a new image; `look` is where to look, null for the whole. */
  setImage(image: ImageView | null, look: Look | null): void {
    this.#generation += 1;
    this.#tiles.clear();
    this.#loading.clear();
    this.#failed.clear();
    this.#overview = undefined;
    this.#image = image ?? undefined;
    this.setLook(look);
  }

  setOverview({ factor, width, height }: OverviewView, values: Float32Array): void {
    this.#overview = { ...painted({ width, height, values }), factor };
    this.#tiles.clear();
    this.#draw();
  }

  setColours(palette: Palette, limits: Limits): void {
    this.#palette = palette;
    this.#limits = limits;
    this.#colours += 1;
    this.#draw();
  }

  setLook(look: Look | null): void {
    this.#look = look === null ? null : this.#bounded(look);
    this.#deps.onLook(this.#look, this.scale);
    this.#draw();
  }

  /** Zooms by a factor, or to a scale, around a point of the element (its middle unless given). */
  zoom(by: { readonly factor: number } | { readonly scale: number }, at?: { x: number; y: number }): void {
    const { clientWidth, clientHeight } = this.element;
    const point = at ?? { x: clientWidth / 2, y: clientHeight / 2 };
    const before = this.#toImage(point);
    const current = this.#current();
    const wanted = 'factor' in by ? current.scale * by.factor : by.scale;
    const scale = Math.min(LARGEST_SCALE, Math.max(wanted, this.#fitting() / 2));
    this.setLook({
      scale,
      x: before.x - (point.x - clientWidth / 2) / scale,
      y: before.y + (point.y - clientHeight / 2) / scale,
    });
  }

  /** Moves by pixels of the screen. */
  pan(right: number, up: number): void {
    const { scale, x, y } = this.#current();
    this.setLook({ scale, x: x + right / scale, y: y + up / scale });
  }

  /** Tells the pixel in the middle. */
  pointAtMiddle(): void {
    const { x, y } = this.#current();
    this.#point({ x, y });
  }

  #point({ x, y }: { readonly x: number; readonly y: number }): void {
    const { width = 0, height = 0 } = this.#image ?? {};
    const isOn = x >= 0 && y >= 0 && x < width && y < height;
    this.#deps.onPoint(isOn ? { x: Math.floor(x), y: Math.floor(y) } : null);
  }

  #listen(): void {
    const { element } = this;
    let held: { readonly x: number; readonly y: number } | undefined;
    const at = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
      const { left, top } = element.getBoundingClientRect();
      return { x: clientX - left, y: clientY - top };
    };
    element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      held = at(event);
      element.setPointerCapture(event.pointerId);
      element.classList.add('held');
    });
    element.addEventListener('pointermove', (event) => {
      const now = at(event);
      if (held !== undefined) {
        this.pan(held.x - now.x, now.y - held.y);
        held = now;
      }
      this.#point(this.#toImage(now));
    });
    const release = (): void => {
      held = undefined;
      element.classList.remove('held');
    };
    element.addEventListener('pointerup', release);
    element.addEventListener('pointercancel', release);
    element.addEventListener('pointerleave', () => this.#deps.onPoint(null));
    element.addEventListener('dblclick', (event) => this.zoom({ factor: 2 }, at(event)));
    element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.05 : 0.0015;
        // A pinch comes as a wheel with Ctrl, in small steps.
        this.zoom({ factor: Math.exp(-event.deltaY * step * (event.ctrlKey ? 6 : 1)) }, at(event));
      },
      { passive: false },
    );
  }

  #current(): Look {
    const { width = 1, height = 1 } = this.#image ?? {};
    return this.#look ?? { scale: this.#fitting(), x: width / 2, y: height / 2 };
  }

  #fitting(): number {
    const { width = 1, height = 1 } = this.#image ?? {};
    const { clientWidth, clientHeight } = this.element;
    const scale = MARGIN * Math.min(clientWidth / width, clientHeight / height);
    return Math.min(LARGEST_SCALE, scale > 0 ? scale : 1);
  }

  /** Something of the image stays in the middle. */
  #bounded(look: Look): Look {
    const { width = 1, height = 1 } = this.#image ?? {};
    return {
      scale: look.scale,
      x: Math.min(width, Math.max(0, look.x)),
      y: Math.min(height, Math.max(0, look.y)),
    };
  }

  #toImage(point: { readonly x: number; readonly y: number }): { x: number; y: number } {
    const { scale, x, y } = this.#current();
    const { clientWidth, clientHeight } = this.element;
    return { x: x + (point.x - clientWidth / 2) / scale, y: y - (point.y - clientHeight / 2) / scale };
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.element;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#deps.onLook(this.#look, this.scale);
    this.#drawNow();
  }

  #draw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const image = this.#image;
    const overview = this.#overview;
    if (image === undefined || overview === undefined) return;
    context.save();
    const [left, top, right, bottom] = this.#onScreen({
      left: 0,
      right: image.width,
      bottom: 0,
      top: image.height,
    });
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    const { factor, width, height } = overview;
    this.#place(context, overview, factor, {
      left: 0,
      right: width * factor,
      bottom: 0,
      top: height * factor,
    });
    const level = levelFor(this.scale * devicePixelRatio);
    if (level < factor) this.#drawTiles(context, image, level);
    context.restore();
  }

  #drawTiles(
    context: CanvasRenderingContext2D,
    image: Pick<ImageView, 'width' | 'height'>,
    level: number,
  ): void {
    const { clientWidth, clientHeight } = this.element;
    const low = this.#toImage({ x: 0, y: clientHeight });
    const high = this.#toImage({ x: clientWidth, y: 0 });
    const wanted = tilesInView({ left: low.x, right: high.x, bottom: low.y, top: high.y }, level, image);
    for (const tile of wanted) {
      const key = tileKey(tile);
      const there = this.#tiles.get(key);
      if (there === undefined) continue;
      // The last used are kept longest.
      this.#tiles.delete(key);
      this.#tiles.set(key, there);
      const left = tile.column * TILE_SIDE * level;
      const bottom = tile.row * TILE_SIDE * level;
      const window = { left, bottom, right: left + there.width * level, top: bottom + there.height * level };
      this.#place(context, there, level, window);
    }
    this.#load(wanted);
    for (const key of this.#tiles.keys()) {
      if (this.#tiles.size <= wanted.length + KEPT) break;
      this.#tiles.delete(key);
    }
  }

  #place(context: CanvasRenderingContext2D, part: Painted, level: number, window: Window): void {
    this.#colour(part);
    const [left, top, right, bottom] = this.#onScreen(window);
    // Single pixels are shown as they are; everything else is better smooth.
    context.imageSmoothingEnabled = level > 1 || this.scale * devicePixelRatio < 1;
    context.drawImage(part.canvas, left, top, right - left, bottom - top);
  }

  /** Edges in pixels of the canvas, whole ones so that tiles meet. */
  #onScreen(window: Window): [left: number, top: number, right: number, bottom: number] {
    const { scale, x, y } = this.#current();
    const { clientWidth, clientHeight } = this.element;
    const across = (edge: number): number =>
      Math.round(((edge - x) * scale + clientWidth / 2) * devicePixelRatio);
    const down = (edge: number): number =>
      Math.round((clientHeight / 2 - (edge - y) * scale) * devicePixelRatio);
    return [across(window.left), down(window.top), across(window.right), down(window.bottom)];
  }

  #colour(part: Painted): void {
    if (part.coloured === this.#colours) return;
    part.coloured = this.#colours;
    const pixels = new ImageData(part.width, part.height);
    paint(part.values, part.width, this.#palette, this.#limits, new Uint32Array(pixels.data.buffer));
    part.canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  }

  /** Asks for the nearest tiles that are not there, a few at a time; those that went out of view are not asked for. */
  #load(wanted: readonly TilePlace[]): void {
    const generation = this.#generation;
    for (const tile of wanted) {
      if (this.#loading.size >= TOGETHER) return;
      const key = tileKey(tile);
      if ([this.#tiles, this.#loading, this.#failed].some((known) => known.has(key))) continue;
      this.#loading.add(key);
      this.#deps.loadTile(tile).then(
        (values) => {
          if (generation !== this.#generation) return;
          this.#loading.delete(key);
          this.#tiles.set(key, painted(values));
          this.#draw();
        },
        () => {
          if (generation !== this.#generation) return;
          this.#loading.delete(key);
          this.#failed.add(key);
          this.#draw();
        },
      );
    }
  }
}

function painted(values: Values): Painted {
  const canvas = document.createElement('canvas');
  canvas.width = values.width;
  canvas.height = values.height;
  return { ...values, canvas, coloured: -1 };
}
