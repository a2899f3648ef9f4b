import type { Diagnostic, Severity } from './diagnostics.ts';
import type { YamlFile, YamlPlace } from './yamlTree.ts';

/** Collects what is to be said about places of one YAML file. */
export interface Report {
  error(at: YamlPlace, code: string, message: string): void;
  warning(at: YamlPlace, code: string, message: string): void;
  information(at: YamlPlace, code: string, message: string): void;
}

/** More would not be read by anybody. */
const MOST = 200;

/** A report, and all that it holds in the order of lines, with what is wrong with the file as YAML. */
export function createReport(file: YamlFile): Report & { diagnostics(): Diagnostic[] } {
  const found: Diagnostic[] = [];
  const isYaml = file.problems.every(({ code }) => code !== 'yaml-syntax');
  const add =
    (severity: Severity) =>
    (at: YamlPlace, code: string, message: string): void => {
      found.push({ ...file.place(at), severity, code, message });
    };
  return {
    error: add('error'),
    warning: add('warning'),
    information: add('information'),
    diagnostics() {
      // Of a text that is not YAML everything else may be a consequence.
      const sorted = [...file.problems, ...(isYaml ? found : [])].toSorted(
        (one, other) => one.line - other.line || (one.column ?? 0) - (other.column ?? 0),
      );
      const last = sorted[MOST - 1];
      if (last === undefined || sorted.length === MOST) return sorted;
      const message = `${sorted.length - MOST} more problems are not listed.`;
      return [
        ...sorted.slice(0, MOST),
        { line: last.line, severity: 'information', code: 'more-problems', message },
      ];
    },
  };
}
