import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatorRun } from '../../../../src/editor/pipeline/emulatorRun.ts';
import { PipelineRuns } from '../../../../src/editor/pipeline/pipelineRuns.ts';

/** Says that it was started, and goes on until it is stopped. */
const PROGRAM = `console.log(JSON.stringify({ refused: process.argv.slice(2, 5).join(" ") })); process.stdin.resume();\n`;

describe('the runs of a workspace', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-runs-'));
    await mkdir(join(folder, 'dist', 'cli'), { recursive: true });
    await writeFile(join(folder, 'dist', 'cli', 'main.js'), PROGRAM);
    await writeFile(join(folder, 'package.json'), '{}');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('go on when they are looked at, but in no restricted workspace', async () => {
    const kept = [{ file: '/tasks/visit.xml', streams: 1, folder }];
    let trusted = false;
    const runs = new PipelineRuns({
      extension: {
        extensionPath: folder,
        globalStorageUri: { fsPath: folder } as never,
        workspaceState: {
          get: () => kept as never,
          keys: () => [],
          update: () => Promise.resolve(),
        },
      },
      settings: { get: () => undefined },
      isTrusted: () => trusted,
      log: () => undefined,
      now: () => 0,
    });
    try {
      assert.equal(runs.list.length, 0);
      trusted = true;
      const [run, ...others] = runs.list;
      assert.ok(run);
      assert.deepEqual(others, []);
      await ended(run);
      assert.equal(run.facts.trouble, 'pipeline-emulator run /tasks/visit.xml');
      trusted = false;
      assert.equal(runs.list.length, 0);
    } finally {
      runs.dispose();
    }
  });
});

async function ended(run: EmulatorRun): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const look = (): void => (run.facts.trouble === undefined ? undefined : resolve(undefined));
  const listening = run.onDidChange(look);
  look();
  await promise;
  listening.dispose();
}
