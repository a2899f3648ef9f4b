import * as vscode from 'vscode';
import { parseSensors, SCIENCE_RAFTS, type Parameter } from '../../transformations/index.ts';
import { plural } from '../../watch/index.ts';
import { pickMany, pickOne } from '../vscode/prompts.ts';

/** Lets the user choose sensors: all, the centre, whole rafts, or any by name; undefined when they leave. */
export async function pickSensors(
  { label, help }: Parameter,
  now: readonly string[],
): Promise<readonly string[] | undefined> {
  const way = await pickOne(
    [
      { label: 'All science sensors', description: '189', value: 'all' },
      { label: 'The sensor in the centre', description: 'R22_S11', value: 'centre' },
      { label: 'Rafts…', description: 'nine sensors each', value: 'rafts' },
      { label: 'Names or numbers…', description: now.join(', '), value: 'list' },
    ] as const,
    { title: label, placeHolder: help },
  );
  switch (way) {
    case 'all':
      return ['all'];
    case 'centre':
      return ['R22_S11'];
    case 'rafts':
      return pickMany(
        SCIENCE_RAFTS.map((raft) => ({ label: raft, value: raft, picked: now.includes(raft) })),
        { title: label, placeHolder: 'Rafts of nine sensors each' },
      );
    case 'list':
      return typeSensors(label, now);
    case undefined:
      return undefined;
  }
}

async function typeSensors(title: string, now: readonly string[]): Promise<readonly string[] | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Sensors R22_S11, rafts R22, or detector numbers 90..98, apart by blanks',
    value: now.join(' '),
    validateInput: (typed) => {
      const { sensors, unknown } = parseSensors(typed);
      if (unknown.length > 0) return `There is no such sensor: ${unknown.join(' ')}`;
      const message = plural(sensors.length, 'sensor');
      return typed.trim() === '' ? undefined : { message, severity: vscode.InputBoxValidationSeverity.Info };
    },
  });
  return text?.split(/[\s|,]+/u).filter((word) => word !== '');
}
