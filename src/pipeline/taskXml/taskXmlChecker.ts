import { Findings, readWhole } from '../../transformations/index.ts';
import type { Checker } from '../../transformations/index.ts';
import type { Task, TaskFile } from './model.ts';

/** Task files of the pipeline's. */
export const taskXmlChecker: Checker = {
  kind: 'pipeline-task',
  label: 'pipeline task',
  recognise: (path, head) => /\.xml$/iu.test(path) && /<pipeline[\s>]/u.test(new TextDecoder().decode(head)),
  async check(file, { signal }) {
    const text = new TextDecoder().decode(await readWhole(file, signal));
    const { checkTaskXml } = await import('./checkTaskXml.ts');
    const { model, problems } = checkTaskXml(text);
    const findings = new Findings();
    for (const { severity, code, message, ...place } of problems) {
      findings.add({ file: 0, ...place }, severity, code, () => message);
    }
    return { ...findings.list(), ...(model === undefined ? {} : { summary: summaryOf(model) }) };
  },
};

interface TaskSummary {
  readonly name: string;
  readonly type: string;
  readonly version: string;
  readonly jobs: readonly string[];
  readonly scripts: readonly string[];
  readonly tasks: readonly TaskSummary[];
}

function summaryOf({ tasks }: TaskFile): { readonly tasks: readonly TaskSummary[] } {
  return { tasks: tasks.map(taskSummary) };
}

function taskSummary({ name, type, version, processes, tasks }: Task): TaskSummary {
  const named = (kind: 'job' | 'script'): readonly string[] =>
    processes.filter(({ run }) => run.kind === kind).map((process) => process.name);
  return { name, type, version, jobs: named('job'), scripts: named('script'), tasks: tasks.map(taskSummary) };
}
