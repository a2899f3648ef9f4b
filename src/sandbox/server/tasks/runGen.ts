import type { TaskParameterMap } from '../store/tasks.ts';
import { textIn } from './parameterMap.ts';

/** Where the transformation of script tasks is served, and the payload script that stands for it. */
export const RUN_GEN_PATH = '/trf/user/runGen-00-00-02';
export const RUN_GEN_PAYLOAD = 'run-gen.sh';

/**
 * The transformation of a task's jobs. Whoever names runGen, wherever it lies, or nothing, gets the sandbox's own, which
 * needs neither Python nor a network.
 */
export function transformationOf(parameters: TaskParameterMap, url: string): string {
  const asked = textIn(parameters, 'transPath');
  const isRunGen = asked === null || /(?:^|\/)runGen-\d\d-\d\d-\d\d$/u.test(asked);
  return isRunGen ? `${url}${RUN_GEN_PATH}` : asked;
}

/** Where jobs fetch the task's files. The official client may name a cache without a host, meaning the one it talks to. */
export function sourceUrlOf(parameters: TaskParameterMap, url: string): string {
  const asked = textIn(parameters, 'sourceURL');
  return asked !== null && URL.canParse(asked) ? asked : url;
}
