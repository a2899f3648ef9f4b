import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capturePath } from '../pipeline/rmi/captures.ts';
import { createHarness } from './harness.ts';
import type { Harness } from './harness.ts';

describe('desc-panda rmi dump', () => {
  let harness: Harness;
  before(async () => {
    harness = await createHarness();
    await copyFile(capturePath('jdk17-raw-status-object'), join(harness.folder, 'status.json'));
    await copyFile(
      capturePath('jdk17-raw-unknown-message-kind-object'),
      join(harness.folder, 'unknown.json'),
    );
  });
  after(() => harness.dispose());

  it('shows a captured connection, and whether it comes out the same', async () => {
    const { code, stdout, stderr } = await harness.call(['rmi', 'dump', 'status.json']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(lines.slice(3, 5), [
      '→ call: JobControl.status, object a2c346d25804cf4052c24ade000001a20645459d8001, 54 bytes',
      '    "1810000002"',
    ]);
    assert.equal(
      lines.at(-1),
      '5 messages; written again, all calls and answers (2) are the same byte for byte',
    );
  });

  it('shows several, and tells what is not understood', async () => {
    const { code, stdout } = await harness.call(['rmi', 'dump', 'status.json', 'unknown.json']);
    assert.equal(code, 1);
    assert.match(stdout, /^== status\.json\n→ handshake/);
    assert.match(stdout, /\n== unknown\.json\n[^]*→ not understood: no message begins with 0x55/);
    assert.match(stdout, /4 messages; no calls; 1 piece not understood\n$/);
  });

  it('gives the same as JSON', async () => {
    const { code, stdout, stderr } = await harness.call([
      'rmi',
      'dump',
      'status.json',
      'missing.json',
      '--json',
    ]);
    assert.deepEqual([code, stderr], [2, '']);
    const { files } = JSON.parse(stdout) as { files: Record<string, unknown>[] };
    assert.deepEqual(files[1], { file: 'missing.json', problem: 'there is no such file' });
    const [first] = files;
    assert.equal((first?.messages as unknown[]).length, 5);
  });

  it('says why it cannot show a file', async () => {
    await mkdir(join(harness.folder, 'folder'));
    await writeFile(join(harness.folder, 'text.json'), 'hello');
    const { code, stdout } = await harness.call(['rmi', 'dump', 'folder', 'text.json', 'missing.json']);
    assert.equal(code, 2);
    assert.match(stdout, /^folder: it is a folder$/m);
    assert.match(stdout, /^text\.json: it begins neither as JSON nor as a connection of Java RMI$/m);
    assert.match(stdout, /^missing\.json: there is no such file$/m);
  });

  it('shows files of any size while it reads them', async () => {
    const head = '4a524d4900024b00000000000052';
    const call = `50aced000577220000000000000000${'00'.repeat(14)}00000001${'44154dc9d4e63bdf'}`;
    const calls = 3000;
    await writeFile(join(harness.folder, 'large.raw'), Buffer.from(head + call.repeat(calls), 'hex'));
    const { code, stdout } = await harness.call(['rmi', 'dump', 'large.raw']);
    assert.equal(code, 0);
    assert.equal(
      stdout.split('\n').filter((line) => line.startsWith('→ call: Registry.list, object 0')).length,
      calls,
    );
    assert.match(
      stdout,
      /\n3,003 messages; written again, all calls and answers \(3,000\) are the same byte for byte\n$/,
    );
  });

  it('lets no text of others steer the terminal', async () => {
    const text = Buffer.from('\u001b[31mred');
    const hex = `51aced0005770f01${'00'.repeat(14)}7400${text.length.toString(16).padStart(2, '0')}${text.toString('hex')}`;
    await writeFile(join(harness.folder, 'red.raw'), Buffer.from(hex, 'hex'));
    const { stdout } = await harness.call(['rmi', 'dump', 'red.raw']);
    assert.ok(!stdout.includes('\u001b'), stdout);
  });

  it('asks for what is missing', async () => {
    for (const [words, message] of [
      [['rmi'], 'What is to be done with Java RMI?'],
      [['rmi', 'record'], 'rmi does not know record.'],
      [['rmi', 'dump'], 'There is nothing to show.'],
    ] as const) {
      const { code, stderr } = await harness.call(words);
      assert.equal(code, 2);
      assert.ok(stderr.startsWith(message), stderr);
    }
  });
});
