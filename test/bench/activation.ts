import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { outputOf } from '../../scripts/lib/metafile.ts';
import { root } from '../../scripts/lib/paths.ts';
import { atMost, type BenchPart, median } from './part.ts';
import { buildForProduction, metafile, productionFolder } from './production.ts';

const runs = 9;

/** Loads and activates the extension in fresh processes whose `vscode` answers everything with nothing. */
export const activation: BenchPart = {
  name: 'activation',
  async run(report) {
    await buildForProduction();
    const editor = metafile('editor');
    const window = resolve(root, outputOf(editor, 'src/editor/window.ts'));
    const times: Times[] = [];
    for (let run = 0; run < runs; run++) times.push(await activateOnce(window));
    const middle = (key: keyof Times): number => median(times.map((each) => each[key]));
    report(atMost(`activation, cold (median of ${runs})`, middle('activated'), 'ms', 50));
    report(atMost('activation, slowest', Math.max(...times.map((each) => each.activated)), 'ms', null));
    report(atMost('of it loading the entry', middle('loaded'), 'ms', null));
    report(atMost('until views and all else are there', middle('opened'), 'ms', null));
  },
};

/** Milliseconds from the beginning. */
interface Times {
  readonly loaded: number;
  readonly activated: number;
  readonly opened: number;
}

async function activateOnce(window: string): Promise<Times> {
  const script = join(import.meta.dirname, 'activateOnce.ts');
  const entry = join(productionFolder, 'editor/extension.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, entry, window]);
  const { loaded, activated, opened } = JSON.parse(stdout) as Record<string, unknown>;
  if (typeof loaded !== 'number' || typeof activated !== 'number' || typeof opened !== 'number') {
    throw new Error(`no times in: ${stdout}`);
  }
  return { loaded, activated, opened };
}
