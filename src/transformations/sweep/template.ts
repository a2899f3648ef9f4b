/** What is put into one job's texts. */
export interface TemplateValues {
  /** By the names of the parameters; `number` is always there. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the job, from 1. */
  readonly number: number;
}

/**
 * `{{name}}` and `{{%RNDM:<n>}}`, which stand for `{name}` and `%RNDM:<n>`; `{name}`; `%RNDM:<n>`, as in other submission
 * tools of PanDA.
 */
const MARK = /\{\{(?:([A-Za-z_][\w-]*)|(%RNDM:\d{1,15}))\}\}|\{([A-Za-z_][\w-]*)\}|%RNDM:(\d{1,15})/gu;

/**
 * Puts the values of a job into a text: `{name}` becomes the value of that parameter, `%RNDM:<n>` the sequence number n
 * in the first job, n+1 in the second. Other braces stay as they are.
 */
export function fillTemplate(text: string, { parameters, number }: TemplateValues): string {
  if (!text.includes('{') && !text.includes('%')) return text;
  return text.replaceAll(MARK, (whole: string, ...[braced, counted, name, first]: (string | undefined)[]) => {
    if (braced !== undefined) return `{${braced}}`;
    if (counted !== undefined) return counted;
    if (name === undefined) return String(Number(first) + number - 1);
    return Object.hasOwn(parameters, name) ? (parameters[name] ?? whole) : whole;
  });
}

/** A text that comes out of `fillTemplate` as it is given here. */
export function literalTemplate(text: string): string {
  return text.replaceAll(/\{([A-Za-z_][\w-]*)\}|(%RNDM:\d{1,15})/gu, (whole, name?: string) =>
    name === undefined ? `{{${whole}}}` : `{${whole}}`,
  );
}

/** The names of the parameters that a text wants. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(MARK)].flatMap(([, , , name]) => name ?? []);
}

/** True when the text differs from job to job. */
export function isTemplate(text: string): boolean {
  return [...text.matchAll(MARK)].some(([, , , name, first]) => name !== undefined || first !== undefined);
}
