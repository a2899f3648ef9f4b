import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorLauncher, EmulatorRun } from '../../../../src/editor/pipeline/emulatorRun.ts';

/** Speaks as the emulator's program: a state at once, then one for each command, with the command as its trouble. */
const PROGRAM = `
const snapshot = { task: 'visit', version: '1.0', counts: {}, streams: [], mails: {}, notes: [] };
const tell = (trouble) => console.log(JSON.stringify({ snapshot, trouble }));
const [words] = process.argv.slice(1);
console.log('no JSON');
console.log('null');
tell(words === '' ? null : words);
require('node:readline').createInterface(process.stdin).on('line', (line) => {
  if (line.startsWith('rollback')) {
    console.error('The disk is full.');
    console.error('→ Make room');
    process.exit(1);
  }
  tell(line);
});
`;

describe('a run of the emulator', () => {
  const runs: EmulatorRun[] = [];
  const open = (program = PROGRAM, node = process.execPath): { run: EmulatorRun; said: string[] } => {
    const said: string[] = [];
    const launch = (words: readonly string[]) => spawn(node, ['-e', program, '--', words.join(' ')]);
    const run = new EmulatorRun({ id: 'run:1', name: 'visit.xml', launch, log: (line) => said.push(line) });
    runs.push(run);
    return { run, said };
  };
  const until = (run: EmulatorRun, holds: () => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const look = (): void => (holds() ? resolve(undefined) : undefined);
    const listening = run.onDidChange(look);
    look();
    return promise.finally(() => listening.dispose()).then(() => undefined);
  };
  afterEach(() => {
    for (const run of runs.splice(0)) run.dispose();
  });

  it('shows what its program says, and hands on what is asked for', async () => {
    const { run } = open();
    assert.deepEqual(run.facts, { name: 'visit.xml', running: false, trouble: undefined });
    run.start();
    await until(run, () => run.tree.snapshot !== undefined);
    assert.equal(run.tree.snapshot?.task, 'visit');
    assert.deepEqual(run.facts, { name: 'visit.xml', running: true, trouble: undefined });
    run.cancel([]);
    run.cancel([4, 5]);
    await until(run, () => run.facts.trouble === 'cancel 4 5');
  });

  it('says why it ended, and goes on', async () => {
    const { run, said } = open();
    run.start();
    await until(run, () => run.tree.snapshot !== undefined);
    run.rollBack([7]);
    await until(run, () => !run.facts.running);
    assert.equal(run.facts.trouble, 'The disk is full.');
    assert.deepEqual(said, ['The disk is full.', '→ Make room']);
    run.rollBack([7, 8]);
    await until(run, () => run.facts.trouble === '--rollback 7,8');
    assert.equal(run.facts.running, true);
  });

  it('has its jobs in the sandbox that the settings name when it is started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'desc-panda-emulator-'));
    try {
      const entry = join(folder, 'words.cjs');
      const words = 'process.argv.slice(2).join(" ")';
      await writeFile(entry, `console.log(JSON.stringify({ refused: ${words} }))`);
      let sandbox: string | undefined;
      const what = { file: '/tasks/visit.xml', streams: 2, folder };
      const launch = emulatorLauncher({ nodePath: process.execPath, entry }, what, () => {
        if (sandbox === 'x') throw new Error('The setting is no absolute path.');
        return sandbox;
      });
      const told: string[] = [];
      const run = new EmulatorRun({ id: 'run:2', name: 'visit.xml', launch, log: () => undefined });
      runs.push(run);
      run.onDidChange(() => told.push(run.facts.trouble ?? ''));
      for (const where of [undefined, '/big/disk']) {
        sandbox = where;
        run.start();
        await until(run, () => !run.facts.running);
      }
      const base = `pipeline-emulator run /tasks/visit.xml --json --control --streams 2 --state ${folder}`;
      assert.deepEqual(
        told.filter((text) => text !== ''),
        [base, `${base} --data-folder /big/disk`],
      );
      sandbox = 'x';
      run.start();
      assert.deepEqual(run.facts, {
        ...{ name: 'visit.xml', running: false },
        trouble: 'The emulator could not be started: The setting is no absolute path.',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('stops when it is told to, and says so where it cannot be started', async () => {
    const { run } = open();
    run.start();
    await until(run, () => run.tree.snapshot !== undefined);
    run.stop();
    await until(run, () => !run.facts.running);
    assert.equal(run.facts.trouble, undefined);
    const { run: other } = open(PROGRAM, '/nowhere/node');
    other.start();
    await until(other, () => !other.facts.running);
    assert.match(other.facts.trouble ?? '', /^The emulator could not be started: /u);
  });
});
