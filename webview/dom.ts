type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | boolean | null | ((event: Event) => void)>>;

/**
 * Makes an element: `on…` attributes become listeners, null and false are left out, true is an empty attribute. Text
 * only ever becomes text, never markup.
 */
export function h(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** An icon of VS Code's own; it says nothing to a screen reader, the text beside it does. */
export function icon(name: string, className = ''): HTMLElement {
  const [glyph = '', modifier] = name.split('~');
  const spin = modifier === 'spin' ? ' codicon-modifier-spin' : '';
  return h('span', { class: `codicon codicon-${glyph}${spin} ${className}`.trim(), 'aria-hidden': 'true' });
}

/** Colours an element by a VS Code theme colour (`charts.blue`). */
export function tint(element: HTMLElement, color: string | null): HTMLElement {
  if (color !== null) element.style.setProperty('--tint', `var(--vscode-${color.replaceAll('.', '-')})`);
  element.classList.add('tinted');
  return element;
}

/** A part of the page that is drawn anew only when its data changed, so that focus and selection stay elsewhere. */
export function part<T>(element: HTMLElement, draw: (data: T) => readonly Node[]): (data: T) => void {
  let shown: string | undefined;
  return (data) => {
    const next = JSON.stringify(data);
    if (next === shown) return;
    shown = next;
    element.replaceChildren(...draw(data));
  };
}
