import type { SensorView } from '../../src/editor/summary/messages.ts';
import { button } from '../controls.ts';
import { h } from '../dom.ts';
import { svg } from './svg.ts';

/** Side of a sensor, and room below each raft for its name. */
const SENSOR = 16;
const GAP = 7;
const RAFT = 3 * SENSOR + GAP;
const SIZE = 5 * RAFT;

export interface FocalPlane {
  readonly element: HTMLElement;
  readonly chosen: readonly string[];
  show(sensors: readonly SensorView[]): void;
}

/** The focal plane: sensors and whole rafts are chosen by a click or by the keyboard. */
export function focalPlane(
  kept: readonly string[],
  onChange: (chosen: readonly string[]) => void,
): FocalPlane {
  const choice = new Choice(kept, onChange);
  let science: readonly string[] = [];
  const map = svg('svg', {
    class: 'focal-plane',
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    role: 'group',
    'aria-label': 'Focal plane',
  });
  const element = h(
    'div',
    { class: 'focal' },
    map,
    h(
      'div',
      { class: 'focal-side' },
      choice.count,
      button({ label: 'All 189' }, () => choice.only(science)).element,
      button({ label: 'Centre' }, () => choice.only(['R22_S11'])).element,
      button({ label: 'None' }, () => choice.only([])).element,
      h('p', { class: 'quiet' }, 'Click a sensor, or the name of a raft for all in it.'),
    ),
  );
  return {
    element,
    get chosen() {
      return choice.ids;
    },
    show(sensors) {
      science = sensors.filter((sensor) => sensor.science).map(({ id }) => id);
      const rafts = Map.groupBy(sensors, ({ raft }) => raft);
      map.replaceChildren(...Array.from(rafts, ([raft, inside]) => raftGroup(raft, inside, choice)));
      choice.draw();
    },
  };
}

/** The sensors that are chosen, and the shapes that show it. */
class Choice {
  readonly count = h('span', { class: 'quiet', role: 'status' });
  readonly #chosen: Set<string>;
  readonly #onChange: (chosen: readonly string[]) => void;
  readonly #shapes = new Map<string, SVGElement>();
  readonly #rafts = new Map<SVGElement, readonly string[]>();

  constructor(kept: readonly string[], onChange: (chosen: readonly string[]) => void) {
    this.#chosen = new Set(kept);
    this.#onChange = onChange;
  }

  get ids(): readonly string[] {
    return [...this.#chosen];
  }

  addSensor(id: string, shape: SVGElement): void {
    this.#shapes.set(id, shape);
    press(shape, () => this.#toggle([id]));
  }

  addRaft(ids: readonly string[], name: SVGElement): void {
    this.#rafts.set(name, ids);
    press(name, () => this.#toggle(ids));
  }

  only(ids: readonly string[]): void {
    this.#chosen.clear();
    for (const id of ids) this.#chosen.add(id);
    this.#changed();
  }

  draw(): void {
    for (const [id, shape] of this.#shapes) {
      shape.setAttribute('aria-checked', String(this.#chosen.has(id)));
      shape.classList.toggle('chosen', this.#chosen.has(id));
    }
    for (const [name, ids] of this.#rafts) name.setAttribute('aria-pressed', String(this.#hasAll(ids)));
    this.count.textContent = this.#chosen.size === 0 ? 'none chosen' : `${this.#chosen.size} chosen`;
  }

  #hasAll(ids: readonly string[]): boolean {
    return ids.every((id) => this.#chosen.has(id));
  }

  #toggle(ids: readonly string[]): void {
    const off = this.#hasAll(ids);
    for (const id of ids) {
      if (off) this.#chosen.delete(id);
      else this.#chosen.add(id);
    }
    this.#changed();
  }

  #changed(): void {
    this.draw();
    this.#onChange(this.ids);
  }
}

function raftGroup(raft: string, sensors: readonly SensorView[], choice: Choice): SVGElement {
  const shapes = sensors.map((sensor) => {
    const shape = sensorShape(sensor);
    choice.addSensor(sensor.id, shape);
    return shape;
  });
  const name = raftName(raft);
  choice.addRaft(
    sensors.map(({ id }) => id),
    name,
  );
  return svg('g', {}, ...shapes, name);
}

function sensorShape({ id, x, y, width, height, science }: SensorView): SVGElement {
  return svg(
    'rect',
    {
      x: place(x) + 1,
      y: place(y) + 1,
      width: width * SENSOR - 2,
      height: height * SENSOR - 2,
      class: science ? 'sensor' : 'sensor corner',
      role: 'checkbox',
      tabindex: 0,
      'aria-label': id,
    },
    svg('title', {}, id),
  );
}

/** Below its sensors; the first digit counts from the left, the second from below. */
function raftName(raft: string): SVGElement {
  const left = Number(raft[1]) * RAFT;
  const top = (4 - Number(raft[2])) * RAFT;
  const at = { x: left + 1.5 * SENSOR, y: top + 3 * SENSOR + 5.5 };
  return svg('text', { ...at, class: 'raft', role: 'button', tabindex: 0 }, raft);
}

/** Rafts are three sensors wide, with a gap behind each. */
function place(position: number): number {
  return position * SENSOR + Math.floor(position / 3) * GAP;
}

function press(element: SVGElement, act: () => void): void {
  element.addEventListener('click', act);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    act();
  });
}
