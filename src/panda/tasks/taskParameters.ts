/** One piece of the command line of a task's jobs; constants and templates are joined by blanks. */
export interface TaskParameter {
  readonly type: 'constant' | 'template';
  readonly value: string;
  /** Of a template: what its placeholder stands for. */
  readonly param_type?: 'input' | 'output' | 'log' | 'pseudo_input' | 'number';
  readonly dataset?: string;
  readonly container?: string;
  /** Not part of the command line. */
  readonly hidden?: boolean;
  /** False: no blank before the next piece. */
  readonly padding?: boolean;
  /** Added to numbers: the first one is this plus 1. */
  readonly offset?: number;
  readonly [attribute: string]: unknown;
}

/**
 * Parameters of a task as the server takes them (PanDA's `taskParamMap`); those that are not named here are passed on as
 * they are. The server itself sets `userName`, `taskType` and `taskPriority`.
 */
export interface TaskParameters {
  /** Ends in a slash by convention: the container of the outputs has the same name. */
  readonly taskName: string;
  readonly vo: string;
  readonly prodSourceLabel: string;
  readonly processingType: string;
  readonly architecture: string | null;
  readonly transUses: string;
  readonly transHome: string | null;
  readonly jobParameters: readonly TaskParameter[];
  readonly log?: TaskParameter;
  readonly [parameter: string]: unknown;
}
