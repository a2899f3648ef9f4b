import type { UsageView } from '../../src/editor/panel/messages.ts';

declare global {
  /** What the script of the plots offers to the page, once it is loaded. */
  var descPandaUsage: { readonly draw: (element: HTMLElement, view: UsageView) => () => void } | undefined;
}
