/**
 * The page's buttons, fields and tabs. The only file that knows the toolkit, which is no longer maintained: whatever comes
 * after it is put in here.
 */
import {
  Button,
  Checkbox,
  Dropdown,
  Panels,
  provideVSCodeDesignSystem,
  TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { h, icon } from './dom.ts';

export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

export interface ButtonControl {
  readonly element: HTMLElement;
  enable(enabled: boolean): void;
  /** Another text; not for a button of an icon alone. */
  setLabel(label: string): void;
}

/** A button with a text, with an icon before it, or of an icon alone (its label is then the tooltip). */
export function button(
  look: {
    readonly label: string;
    readonly icon?: string;
    readonly iconOnly?: boolean;
    readonly primary?: boolean;
  },
  onClick: () => void,
): ButtonControl {
  const appearance = look.iconOnly === true ? 'icon' : look.primary === true ? 'primary' : 'secondary';
  const element = h('vscode-button', { appearance, onclick: onClick });
  // A text that stands in the button by itself is broken into lines, and every span is given the width of an icon.
  const text = h('div', { class: 'button-text' }, look.label);
  if (look.iconOnly === true) {
    element.setAttribute('aria-label', look.label);
    element.title = look.label;
    element.append(icon(look.icon ?? 'question'));
  } else {
    if (look.icon !== undefined) {
      const glyph = icon(look.icon);
      glyph.slot = 'start';
      element.append(glyph);
    }
    element.append(text);
  }
  return {
    element,
    enable(enabled) {
      if (element instanceof Button) element.disabled = !enabled;
    },
    setLabel(label) {
      text.textContent = label;
    },
  };
}

export interface ToggleControl {
  readonly element: HTMLElement;
  set(on: boolean): void;
}

export function checkbox(label: string, title: string, onChange: (on: boolean) => void): ToggleControl {
  const element = h('vscode-checkbox', { title }, label);
  let shown = false;
  element.addEventListener('change', () => {
    if (!(element instanceof Checkbox) || element.checked === shown) return;
    shown = element.checked;
    onChange(shown);
  });
  return {
    element,
    set(on) {
      shown = on;
      if (element instanceof Checkbox) element.checked = on;
    },
  };
}

/** An icon button that stays pressed. */
export function toggleButton(glyph: string, label: string, onChange: (on: boolean) => void): ToggleControl {
  const element = h(
    'vscode-button',
    { appearance: 'icon', class: 'toggle', title: label, 'aria-label': label },
    icon(glyph),
  );
  let on = false;
  const set = (next: boolean): void => {
    on = next;
    element.setAttribute('aria-pressed', String(on));
    element.classList.toggle('on', on);
  };
  element.addEventListener('click', () => {
    set(!on);
    onChange(on);
  });
  set(false);
  return { element, set };
}

export interface ChoiceControl {
  readonly element: HTMLElement;
  set(value: string): void;
}

export function dropdown(
  label: string,
  values: readonly string[],
  onChange: (value: string) => void,
): ChoiceControl {
  const options = values.map((value) => h('vscode-option', { value }, value));
  const element = h('vscode-dropdown', { 'aria-label': label, title: label }, ...options);
  element.addEventListener('change', () => {
    if (element instanceof Dropdown) onChange(element.value);
  });
  return {
    element,
    set(value) {
      if (element instanceof Dropdown) element.value = value;
      else element.setAttribute('current-value', value);
    },
  };
}

export interface TextControl {
  readonly element: HTMLElement;
  readonly value: string;
  set(value: string): void;
  focus(): void;
}

export function textField(
  look: { readonly label: string; readonly placeholder: string; readonly glyph: string },
  onInput: (value: string) => void,
): TextControl {
  const glyph = icon(look.glyph);
  glyph.slot = 'start';
  const element = h('vscode-text-field', { placeholder: look.placeholder, 'aria-label': look.label }, glyph);
  // The toolkit calls every field "Text field" as soon as it stands in the page.
  const named = (): void => {
    if (element.getAttribute('aria-label') !== look.label) element.setAttribute('aria-label', look.label);
  };
  new MutationObserver(named).observe(element, { attributeFilter: ['aria-label'] });
  const value = (): string => (element instanceof TextField ? element.value : '');
  element.addEventListener('input', () => onInput(value()));
  return {
    element,
    get value() {
      return value();
    },
    set(next) {
      if (element instanceof TextField) element.value = next;
    },
    focus() {
      element.focus();
      if (element instanceof TextField) element.control.select();
    },
  };
}

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly view: HTMLElement;
}

export interface TabsControl {
  readonly element: HTMLElement;
  show(id: string): void;
  /** A number beside a tab's title; null for none. */
  badge(id: string, count: number | null): void;
}

export function tabs(all: readonly Tab[], onChange: (id: string) => void): TabsControl {
  const badges = new Map(all.map((tab) => [tab.id, h('span', { class: 'count' })]));
  const element = h(
    'vscode-panels',
    { 'aria-label': 'Parts of the job' },
    ...all.map((tab) => h('vscode-panel-tab', { id: tab.id }, tab.title, badges.get(tab.id) ?? null)),
    ...all.map((tab) => h('vscode-panel-view', { id: `${tab.id}-view` }, tab.view)),
  );
  element.addEventListener('change', (event) => {
    if (event.target === element && element instanceof Panels && element.activeid !== '')
      onChange(element.activeid);
  });
  return {
    element,
    show(id) {
      if (element instanceof Panels) element.activeid = id;
      else element.setAttribute('activeid', id);
    },
    badge(id, count) {
      badges.get(id)?.replaceChildren(count === null ? '' : String(count));
    },
  };
}

export function progressRing(label: string): HTMLElement {
  return h('vscode-progress-ring', { 'aria-label': label });
}
