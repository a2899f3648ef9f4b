import { contextValue } from './jobs/contextValue.ts';
import { escapeMarkdown } from './markdown.ts';

/** Everything that a row of a tree shows, without the editor's types. */
export interface RowLook {
  readonly label: string;
  readonly description: string;
  readonly icon: Icon | undefined;
  /** Markdown, already escaped. */
  readonly tooltip: string;
  readonly contextValue: string;
  readonly expandable: boolean;
  /** The row for somebody who hears it: says the state, which others see as an icon. */
  readonly spoken: string;
}

/** A row that says nothing yet. */
export const emptyLook: RowLook = {
  label: '',
  description: '',
  icon: undefined,
  tooltip: '',
  contextValue: '',
  expandable: false,
  spoken: '',
};

export interface Icon {
  readonly codicon: string;
  /** Id of a theme colour; undefined for the colour of the text. */
  readonly color: string | undefined;
}

/** A row that is a word on what is not to be seen. */
export function noteLook(text: string): RowLook {
  const icon = { codicon: 'info', color: 'descriptionForeground' };
  return { ...emptyLook, label: text, icon, tooltip: escapeMarkdown(text), spoken: text };
}

/** A row for those that are not shown yet. `shown`: `200 of 1,204`; empty where that is not known. */
export function moreLook(shown: string): RowLook {
  return {
    ...emptyLook,
    label: 'Load more',
    description: shown,
    icon: { codicon: 'ellipsis', color: undefined },
    contextValue: contextValue({ kind: 'more' }),
    spoken: shown === '' ? 'Load more' : `Load more, ${shown} are shown`,
  };
}
