import type { UsageState, UsageView } from '../../src/editor/panel/messages.ts';
import '../usage/usageApi.ts';
import { h } from '../dom.ts';

/** Where this page's own script came from; what draws plots lies beside it. */
const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript : undefined;

/** What the job used over time, drawn once somebody looks. */
export function usage(onLook: () => void): {
  readonly element: HTMLElement;
  look(): void;
  show(state: UsageState): void;
} {
  const plots = h('div', { class: 'plots' });
  const note = h('p', { class: 'quiet' }, 'Loading what the job used over time');
  const element = h('div', { class: 'usage' }, h('h2', {}, 'Over time'), note, plots);
  let shown: UsageView | undefined;
  let clear = (): void => undefined;
  let looked = false;

  const redraw = (): void => {
    clear();
    clear = () => undefined;
    if (shown === undefined || globalThis.descPandaUsage === undefined) return;
    plots.setAttribute('role', 'img');
    plots.setAttribute('aria-label', describe(shown));
    clear = globalThis.descPandaUsage.draw(plots, shown);
  };
  // Plots are drawn in the colours of the theme as it is.
  new MutationObserver(redraw).observe(document.body, { attributes: true, attributeFilter: ['class'] });

  return {
    element,
    look() {
      if (looked) return;
      looked = true;
      loadPlots().then(redraw, () => {
        note.hidden = false;
        note.textContent = 'The plots could not be loaded. Install the extension again.';
      });
      onLook();
    },
    show(state) {
      note.hidden = state.kind === 'ready';
      note.textContent = state.kind === 'ready' ? '' : state.message;
      shown = state.kind === 'ready' ? state.view : undefined;
      redraw();
    },
  };
}

function loadPlots(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('usage.js', own?.src).href;
    script.nonce = own?.nonce ?? '';
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(script.src)));
    document.head.append(script);
  });
}

/** In words, for people who do not see it. */
function describe({ pss, rss, cores, memoryAsked, coresAsked }: UsageView): string {
  const peak = (values: readonly (number | null)[] | null): number =>
    (values ?? []).reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const memory = Math.round(peak(pss ?? rss) / 1024 / 1024);
  const asked = memoryAsked === null ? '' : ` of ${Math.round(memoryAsked / 1024 / 1024)} MB asked for`;
  return `Memory: at most ${memory} MB${asked}. Processors: at most ${peak(cores).toFixed(1)} of ${coresAsked}.`;
}
