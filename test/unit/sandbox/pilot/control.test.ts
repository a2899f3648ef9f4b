import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AddressInfo } from 'node:net';
import { formatStartFailure, readStartFailure, SandboxError } from '../../../../src/sandbox/controlError.ts';
import {
  createSandboxControl,
  sandboxLayout,
  type SandboxControlParts,
} from '../../../../src/sandbox/index.ts';
import { createProcessTable } from '../../../../src/sandbox/pilot/processTable.ts';
import { isAlive, until } from './pilotProcess.ts';

const source = (name: string) => fileURLToPath(new URL(`../../../../src/sandbox/${name}`, import.meta.url));

/** The command line of a process; empty when it is gone. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('sandbox control', () => {
  let root: string;
  let folder: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'desc-panda-control-'));
    folder = join(root, 'sandbox');
  });
  afterEach(async () => {
    await control().stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  function control(parts: Partial<SandboxControlParts> = {}, port = 0) {
    return createSandboxControl({
      options: { dataFolder: folder, port, slots: 1, heartbeatSeconds: 1 },
      nodePath: process.execPath,
      mainEntry: source('main.ts'),
      pilotEntry: source('pilot/main.ts'),
      env: {},
      version: '1.2.3',
      ...parts,
    });
  }
  async function refusal(promise: Promise<unknown>): Promise<SandboxError> {
    const error: unknown = await promise.then(
      () => assert.fail('it went well'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SandboxError, String(error));
    assert.notEqual(error.advice, '');
    return error;
  }

  it('starts, says so, is found, and stops', async () => {
    const progress: string[] = [];
    assert.equal((await control().status()).running, false);
    const connection = await control().start({ onProgress: (text) => progress.push(text) });
    assert.deepEqual(progress, ['Starting the sandbox', `Sandbox answers at ${connection.url}`]);
    const status = await control().status();
    assert.deepEqual(status, { running: true, connection, dataFolder: folder, jobs: {} });
    assert.equal((await stat(join(folder, 'sandbox.json'))).mode & 0o777, 0o600);

    assert.deepEqual(await control().start(), connection, 'a second start finds the first');
    assert.equal(await control().stop(), true);
    assert.equal(await isAlive(connection.pid), false);
    assert.equal((await control().status()).running, false);
    assert.equal(await control().stop(), false);
  });

  it('starts once when two windows start at once', async () => {
    const [one, two, three] = await Promise.all([control().start(), control().start(), control().start()]);
    assert.deepEqual(one, two);
    assert.deepEqual(one, three);
    await control().stop();
    const left = (await createProcessTable(process.platform).scan()).filter(
      (row) => row.parent === process.pid,
    );
    const own = left.filter(({ pid }) => commandOf(pid).includes(source('main.ts')));
    assert.deepEqual(own, [], 'no start is left that could come up later');
  });

  it('keeps port and token over a restart', async () => {
    const before = await control().start();
    await control().stop();
    const after = await control().start();
    assert.deepEqual([after.url, after.token], [before.url, before.token]);
    assert.notEqual(after.pid, before.pid);
  });

  it('sees through what a crash left behind', async () => {
    const connection = await control().start();
    process.kill(connection.pid, 'SIGKILL');
    await until('end of the sandbox', async () => !(await isAlive(connection.pid)));
    assert.ok(existsSync(join(folder, 'sandbox.json')));
    assert.equal((await control().status()).running, false);
    // Its pid may be another process of ours by now.
    const text = JSON.stringify({ ...connection, pid: process.pid });
    await writeFile(join(folder, 'sandbox.json'), text);
    assert.equal((await control().status()).running, false);
    assert.notEqual((await control().start()).pid, connection.pid);
  });

  it('is not fooled by a stranger on the port', async () => {
    const stranger = createServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'),
    ).listen(0);
    await once(stranger, 'listening');
    try {
      const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'sandbox.json'), JSON.stringify({ url, token: 't', pid: process.pid }));
      assert.equal((await control().status()).running, false);
    } finally {
      stranger.close();
    }
  });

  it('resets a stopped sandbox, and only what is its own', async () => {
    await control().start();
    const error = await refusal(control().reset());
    assert.match(error.message, /running/u);
    await control().stop();
    await writeFile(join(folder, 'mine.txt'), 'keep');
    await control().reset();
    const { database, storageFolder, serverLog } = sandboxLayout(folder);
    for (const path of [database, storageFolder, serverLog]) assert.equal(existsSync(path), false, path);
    assert.equal(await readFile(join(folder, 'mine.txt'), 'utf8'), 'keep');
  });

  it('has nothing to reset where nothing is', async () => {
    await control().reset();
    assert.equal(existsSync(folder), false);
  });

  it('says which port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      const error = await refusal(control({}, port).start());
      assert.match(error.message, new RegExp(`Port ${port} .*in use`, 'u'));
    } finally {
      other.close();
    }
  });

  it('says that the folder cannot be used', async () => {
    writeFileSync(folder, 'a file');
    const error = await refusal(control().start());
    assert.match(error.message, /folder .* cannot be used: it is not a folder/u);
    rmSync(folder);
  });

  it('says that there is no Node, or none that will do', async () => {
    const absent = await refusal(control({ nodePath: join(root, 'no-node') }).start());
    assert.match(absent.message, /no Node\.js program/u);
    const old = join(root, 'old-node');
    const complaint = 'Error [ERR_UNKNOWN_BUILTIN_MODULE]: No such built-in module: node:sqlite';
    writeFileSync(old, `#!/bin/sh\necho '${complaint}' >&2\nexit 1\n`);
    chmodSync(old, 0o700);
    const error = await refusal(control({ nodePath: old }).start());
    assert.match(error.message, /too old/u);
    assert.match(error.advice, /Node\.js 22/u);
  });

  it('says that the program is missing, or what it said last', async () => {
    const missing = await refusal(control({ mainEntry: join(root, 'main.js') }).start());
    assert.match(missing.message, /program is missing/u);
    const broken = join(root, 'broken.mjs');
    writeFileSync(broken, 'console.error("boom"); process.exit(9)');
    const error = await refusal(control({ mainEntry: broken }).start());
    assert.match(error.message, /exit code 9.*boom/u);
    assert.match(error.advice, /server\.log/u);
  });

  it('leaves nothing running when the start is given up', async () => {
    const slow = join(root, 'slow.mjs');
    const pidFile = join(root, 'pid');
    writeFileSync(
      slow,
      `import fs from 'node:fs'; fs.writeFileSync('${pidFile}', String(process.pid)); setInterval(() => 0, 1000)`,
    );
    const abort = new AbortController();
    const starting = control({ mainEntry: slow }).start({ signal: abort.signal });
    const pid = Number(await until('start', () => existsSync(pidFile) && readFile(pidFile, 'utf8')));
    abort.abort();
    await assert.rejects(starting, { name: 'AbortError' });
    await until('end of what was started', async () => !(await isAlive(pid)));
  });

  it('ends payloads that a broken sandbox left running', async () => {
    const { workFolder } = sandboxLayout(folder);
    await mkdir(workFolder, { recursive: true });
    const payload = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const startedAt = await createProcessTable(process.platform).identify(payload.pid!);
    const job = { pandaId: 5, transformation: 'http://x/y', outputs: [] };
    const note = (startOf: string | undefined) =>
      writeFile(
        join(workFolder, '5.json'),
        JSON.stringify({
          job,
          site: 'S',
          launch: 0,
          phase: { kind: 'running', pid: payload.pid, startedAt: startOf, since: 0 },
        }),
      );
    await note('another process that once had its pid');
    await control().stop();
    assert.ok(await isAlive(payload.pid!), 'a stranger is let alone');
    await note(startedAt);
    await control().stop();
    assert.equal(await isAlive(payload.pid!), false);
  });

  it('carries the reason of a failed start through a log', () => {
    const error = new SandboxError('Port 5 is in use', 'Choose another');
    const read = readStartFailure(`noise\n2026 ${formatStartFailure(error)}\nmore noise\n`);
    assert.deepEqual([read?.message, read?.advice], [error.message, error.advice]);
    assert.equal(readStartFailure('noise\n'), undefined);
    assert.equal(readStartFailure('sandbox could not start: {"message"'), undefined);
  });
});
