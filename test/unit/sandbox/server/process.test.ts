import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readStartFailure } from '../../../../src/sandbox/controlError.ts';
import { sandboxLayout } from '../../../../src/sandbox/layout.ts';
import { createLogFile } from '../../../../src/sandbox/server/logFile.ts';
import { rawCall } from './rawCall.ts';
import { connectionOf, startProcess, type SandboxProcess } from './serverProcess.ts';

describe('the sandbox’s process', () => {
  let folder: string;
  const started: SandboxProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'desc-panda-process-'));
  });
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true });
  });

  function start(options: object = {}): SandboxProcess {
    const running = startProcess({ dataFolder: folder, ...options });
    started.push(running);
    return running;
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await pause(20);
  }

  it('says where it is to its owner only, and takes that back when it stops', async () => {
    const running = start();
    const { url } = await connectionOf(folder, running);
    const file = sandboxLayout(folder).connectionFile;
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const alive = await rawCall(url, { method: 'GET', path: '/api/v1/system/is_alive', headers: {} });
    assert.match(alive.text, /'success': True/u);
    running.child.kill('SIGTERM');
    assert.equal(await running.ended, 0);
    assert.ok(!existsSync(file));
    assert.equal(running.complaints(), '');
  });

  it('refuses to be the second on a folder, with one sentence and what to do', async () => {
    await connectionOf(folder, start());
    const second = start();
    assert.equal(await second.ended, 1);
    const failure = readStartFailure(second.complaints());
    assert.match(failure?.message ?? '', /^A sandbox is already running on /u);
    assert.match(failure?.advice ?? '', /stop it/u);
  });

  it('names the option that is wrong', async () => {
    for (const [options, message] of [
      [{ port: 70_000 }, /port/u],
      [{ slots: 0 }, /slots/u],
      [{ dataFolder: 'relative' }, /dataFolder/u],
    ] as const) {
      const running = start(options);
      assert.equal(await running.ended, 1);
      assert.match(readStartFailure(running.complaints())?.message ?? '', message);
    }
  });

  it('keeps no secret in its log', async () => {
    const running = start();
    const { url, token } = await connectionOf(folder, running);
    await rawCall(url, {
      method: 'GET',
      path: `/jobs/?json&x=${token}`,
      headers: { Authorization: `Bearer ${token}` },
    });
    running.child.kill('SIGTERM');
    await running.ended;
    const log = readFileSync(sandboxLayout(folder).serverLog, 'utf8');
    assert.match(log, /answers at/u);
    assert.ok(!log.includes(token));
  });

  it('keeps a pilot going: tells it what to do, starts it again, and stops it first', async () => {
    const pilot = path.join(folder, 'pilot.mjs');
    const seen = path.join(folder, 'seen');
    // The first pilot dies; the second waits for its end.
    await writeFile(
      pilot,
      `import { appendFileSync, existsSync } from 'node:fs';
       const isFirst = !existsSync(${JSON.stringify(seen)});
       process.stdin.setEncoding('utf8').once('data', (line) => {
         appendFileSync(${JSON.stringify(seen)}, line);
         if (isFirst) process.exit(7);
       });
       process.on('SIGTERM', () => { appendFileSync(${JSON.stringify(seen)}, 'stopped'); process.exit(0); });
       console.error('a word of the pilot');`,
    );
    const running = start({ pilotEntry: pilot, slots: 3, heartbeatSeconds: 5, version: '1.2.3' });
    await connectionOf(folder, running);
    const lines = (): string[] => (existsSync(seen) ? readFileSync(seen, 'utf8').split('\n') : []);
    await until(() => lines().length > 2);
    const settings = {
      dataFolder: folder,
      slots: 3,
      heartbeatSeconds: 5,
      version: '1.2.3',
      supervised: true,
    };
    assert.deepEqual(JSON.parse(lines()[1] ?? ''), settings);
    running.child.kill('SIGTERM');
    assert.equal(await running.ended, 0);
    assert.equal(lines()[2], 'stopped');
    assert.match(readFileSync(sandboxLayout(folder).pilotLog, 'utf8'), /a word of the pilot/u);
    assert.match(readFileSync(sandboxLayout(folder).serverLog, 'utf8'), /ended with exit code 7/u);
  });

  it('writes a log that does not grow without end', () => {
    const file = path.join(folder, 'some.log');
    const log = createLogFile(file, () => 0, 1000);
    for (let line = 0; line < 200; line++) log.line(`line ${line}`);
    assert.ok(statSync(file).size <= 1000);
    assert.ok(statSync(`${file}.1`).size <= 1000);
    assert.match(readFileSync(file, 'utf8'), /line 199\n$/u);
  });
});
