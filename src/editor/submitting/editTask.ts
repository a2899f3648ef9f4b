import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { DEFAULT_ATTEMPTS, MOST_ATTEMPTS, type TaskSettings } from '../../transformations/index.ts';
import { pickOne } from '../vscode/prompts.ts';

/** Asks whether the jobs of a file are to be one task, and which; undefined when the user leaves. */
export async function editTask(
  file: string,
  jobs: number,
  now: TaskSettings | undefined,
): Promise<{ readonly task: TaskSettings | undefined } | undefined> {
  const folder = dirname(file);
  const kind = await pickOne(
    [
      { label: 'Jobs', description: 'each by itself', value: 'jobs' },
      { label: 'A task', description: 'PanDA tries again what fails', value: 'task' },
      {
        label: `A task with the files of ${basename(folder)}`,
        description: 'but for hidden, large and compiled ones, and what .gitignore leaves out',
        value: 'folder',
      },
    ] as const,
    { title: 'Submit as', placeHolder: 'How PanDA is to take it' },
  );
  if (kind === undefined) return undefined;
  if (kind === 'jobs') return { task: undefined };
  const count = jobs === 1 ? await askNumber(JOBS, now?.jobs ?? 1, 50_000) : jobs;
  if (count === undefined) return undefined;
  const attempts = await askNumber(
    'How often each job is tried at most',
    now?.attempts ?? DEFAULT_ATTEMPTS,
    MOST_ATTEMPTS,
  );
  if (attempts === undefined) return undefined;
  const task = {
    attempts,
    ...(jobs === 1 ? { jobs: count } : {}),
    ...(kind === 'folder' ? { folder } : {}),
  };
  return { task };
}

const JOBS = 'Jobs of the task; %RNDM:0 in the arguments is 1 for the first, 2 for the next';

async function askNumber(prompt: string, value: number, most: number): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Submit as a task',
    prompt,
    value: String(value),
    validateInput: (given) =>
      /^\d{1,5}$/u.test(given.trim()) && Number(given) >= 1 && Number(given) <= most
        ? undefined
        : `A whole number from 1 to ${most}`,
  });
  return text === undefined ? undefined : Number(text);
}
