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
