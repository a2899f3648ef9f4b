import type { ImageCanvas } from './imageCanvas.ts';

export interface KeyActs {
  readonly canvas: ImageCanvas;
  readonly focusHeader: () => void;
  readonly next: (name: 'stretch' | 'limits' | 'colours') => void;
  readonly toggleHeader: () => void;
  readonly stepPart: (step: 1 | -1) => void;
  readonly stepPlane: (step: 1 | -1) => void;
  readonly reload: () => void;
  readonly copy: () => void;
}

/** Pixels of the screen for one press of an arrow; with Shift it goes further. */
const STEP = 60;
const LEAP = 300;

/** Everything can be done by keys; while something is typed or picked, they belong to that. */
export function listenToKeys(acts: KeyActs): void {
  const { canvas } = acts;
  const pan = (right: number, up: number) => (event: KeyboardEvent) => {
    const step = event.shiftKey ? LEAP : STEP;
    canvas.pan(right * step, up * step);
    canvas.pointAtMiddle();
  };
  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    '+': () => canvas.zoom({ factor: 2 }),
    '=': () => canvas.zoom({ factor: 2 }),
    '-': () => canvas.zoom({ factor: 1 / 2 }),
    '0': () => canvas.setLook(null),
    '1': () => canvas.zoom({ scale: 1 }),
    s: () => acts.next('stretch'),
    l: () => acts.next('limits'),
    c: () => acts.next('colours'),
    h: () => acts.toggleHeader(),
    r: () => acts.reload(),
    '/': () => acts.focusHeader(),
    PageDown: () => acts.stepPart(1),
    PageUp: () => acts.stepPart(-1),
    '.': () => acts.stepPlane(1),
    ',': () => acts.stepPlane(-1),
    ArrowLeft: pan(-1, 0),
    ArrowRight: pan(1, 0),
    ArrowUp: pan(0, 1),
    ArrowDown: pan(0, -1),
  };
  document.addEventListener('keydown', (event) => {
    if (isTypedInto(event.target) || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      const nothingSelected = document.getSelection()?.isCollapsed !== false;
      if (event.key.toLowerCase() === 'c' && nothingSelected) acts.copy();
      return;
    }
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    act(event);
  });
}

function isTypedInto(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('vscode-text-field, vscode-dropdown, .header-rows') !== null
  );
}
