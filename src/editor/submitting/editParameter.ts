import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { splitShellWords } from '../../panda/index.ts';
import type { Parameter } from '../../transformations/index.ts';
import { pickMany, pickOne } from '../vscode/prompts.ts';
import { pickSensors } from './pickSensors.ts';

/** Lets the user give values to a parameter; undefined when they leave, nothing for what is usual. */
export async function editParameter(
  parameter: Parameter,
  now: readonly string[],
): Promise<readonly string[] | undefined> {
  if (/^sensors?$/u.test(parameter.name)) return pickSensors(parameter, now);
  switch (parameter.kind) {
    case 'file':
      return pickFile(parameter, now);
    case 'choice':
      return pickChoice(parameter);
    case 'count':
    case 'text':
      return typeValue(parameter, now);
  }
}

async function pickFile(
  { label, multiple }: Parameter,
  now: readonly string[],
): Promise<readonly string[] | undefined> {
  const [first] = now;
  const picked = await vscode.window.showOpenDialog({
    title: label,
    openLabel: 'Use',
    canSelectMany: multiple === true,
    ...(first === undefined ? {} : { defaultUri: vscode.Uri.file(dirname(first)) }),
  });
  return picked?.map(({ fsPath }) => fsPath);
}

const USUAL = 'as usual';

async function pickChoice({
  label,
  help,
  choices = [],
  multiple,
}: Parameter): Promise<readonly string[] | undefined> {
  const options = { title: label, placeHolder: help };
  const offered = choices.map((value) => ({ label: value, value }));
  if (multiple === true) return pickMany(offered, options);
  const picked = await pickOne([{ label: USUAL, value: '' }, ...offered], options);
  return picked === undefined ? undefined : picked === '' ? [] : [picked];
}

async function typeValue(
  { label, help, kind, value, multiple }: Parameter,
  now: readonly string[],
): Promise<readonly string[] | undefined> {
  const text = await vscode.window.showInputBox({
    title: label,
    prompt: `${help}; nothing for what is usual`,
    placeHolder: value,
    value: now.join(' '),
    validateInput: (typed) => {
      if (kind === 'count' && !/^(?:[1-9]\d*)?$/u.test(typed.trim())) return 'A whole number from 1';
      return multiple === true && splitShellWords(typed) === undefined ? 'A quote is not closed' : undefined;
    },
  });
  if (text === undefined) return undefined;
  if (text.trim() === '') return [];
  return multiple === true ? splitShellWords(text) : [text.trim()];
}
