import type { TransformationOptions } from '../../transformations/index.ts';

/** What was chosen before the form is shown. */
export interface SubmitChoices {
  /** Id of the transformation, where it is not the one that is surest of the file. */
  readonly transformation?: string;
  readonly options?: TransformationOptions;
  /** Shows what would be sent instead of the form, where nothing has to be mended first. */
  readonly dryRun?: boolean;
}

const MOST_VALUES = 1000;

/** The argument that buttons and pages of ours give along with a file; what is none of it is left out. */
export function readChoices(value: unknown): SubmitChoices {
  if (typeof value !== 'object' || value === null || !('parameters' in value)) return {};
  const { parameters } = value;
  if (typeof parameters !== 'object' || parameters === null) return {};
  const entries = Object.entries(parameters).filter((entry): entry is [string, string[]] =>
    isTexts(entry[1]),
  );
  return { options: { parameters: Object.fromEntries(entries) } };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MOST_VALUES && value.every((one) => typeof one === 'string');
}
