import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, type BenchPart, median } from './part.ts';
import { buildForProduction, productionFolder } from './production.ts';

const runs = 9;

/** Loads and activates the extension in fresh processes whose `vscode` answers everything with nothing. */
export const activation: BenchPart = {
  name: 'activation',
  async run(report) {
    await buildForProduction();
    const loading: number[] = [];
    const whole: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { load, activate } = await activateOnce();
      loading.push(load);
      whole.push(load + activate);
    }
    report(atMost(`activation, cold (median of ${runs})`, median(whole), 'ms', 50));
    report(atMost('activation, slowest', Math.max(...whole), 'ms', null));
    report(atMost('of it loading the entry', median(loading), 'ms', null));
  },
};

async function activateOnce(): Promise<{ readonly load: number; readonly activate: number }> {
  const script = join(import.meta.dirname, 'activateOnce.ts');
  const entry = join(productionFolder, 'editor/extension.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, entry]);
  const { load, activate } = JSON.parse(stdout) as Record<string, unknown>;
  if (typeof load !== 'number' || typeof activate !== 'number') throw new Error(`no times in: ${stdout}`);
  return { load, activate };
}
