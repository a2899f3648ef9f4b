import type { Diagnostic } from '../../transformations/index.ts';
import { checkTasks } from './checkTask.ts';
import { checkVariables } from './checkVariables.ts';
import type { TaskFile } from './model.ts';
import { Problems } from './problems.ts';
import { readTaskFile } from './readTask.ts';
import { readXml } from './xmlTree.ts';

export interface TaskXml {
  /** Undefined where the text cannot be read as a task file. With errors among the problems it is not fit to be run. */
  readonly model?: TaskFile;
  /** By place. */
  readonly problems: readonly Diagnostic[];
}

/** Reads a task file of the pipeline's, and says what is wrong with it and where. */
export function checkTaskXml(text: string): TaskXml {
  const { root, problems: faults } = readXml(text);
  if (root === undefined) return { problems: faults };
  const problems = new Problems();
  const model = readTaskFile(root, problems);
  if (model === undefined) return { problems: problems.found };
  checkTasks(model, root.place, problems);
  checkVariables(model, problems);
  return { model, problems: problems.found };
}
