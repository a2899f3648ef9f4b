/** What a pipeline or submit file may refer to; what is not given stays as it is written. */
export interface YamlSurroundings {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The text of a file that this one names, by its path without variables; undefined where it cannot be read. */
  readonly readFile?: (path: string) => string | undefined;
}

/** Puts variables of the environment into a text; those that are not set stay. */
export function expandEnvironment(text: string, { environment = {} }: YamlSurroundings): string {
  return text.replaceAll(
    /\$\{(\w+)\}|<ENV:(\w+)>|\$(\w+)/gu,
    (whole: string, braced?: string, marked?: string, bare?: string) =>
      environment[braced ?? marked ?? bare ?? ''] ?? whole,
  );
}
