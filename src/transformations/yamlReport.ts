import type { Severity } from './diagnostics.ts';
import { Findings } from './findings.ts';
import type { ListedFindings } from './findings.ts';
import type { YamlFile, YamlPlace } from './yamlTree.ts';

/** Collects what is to be said about places of one YAML file. */
export interface Report {
  error(at: YamlPlace, code: string, message: string): void;
  warning(at: YamlPlace, code: string, message: string): void;
  information(at: YamlPlace, code: string, message: string): void;
}

/** A report, and all that it holds in the order of lines, with what is wrong with the file as YAML. */
export function createReport(file: YamlFile): Report & { list(): ListedFindings } {
  const findings = new Findings();
  for (const { severity, code, message, ...place } of file.problems) {
    findings.add({ file: 0, ...place }, severity, code, () => message);
  }
  const isYaml = file.problems.every(({ code }) => code !== 'yaml-syntax');
  const add =
    (severity: Severity) =>
    (at: YamlPlace, code: string, message: string): void => {
      // Of a text that is not YAML everything else may be a consequence.
      if (isYaml) findings.add({ file: 0, ...file.place(at) }, severity, code, () => message);
    };
  return {
    error: add('error'),
    warning: add('warning'),
    information: add('information'),
    list: () => findings.list(),
  };
}
