import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../../support/until.ts';
import { buildProgram } from '../../cli/builtProgram.ts';
import type { BuiltProgram } from '../../cli/builtProgram.ts';

const UNIT = fileURLToPath(
  new URL('../../../../scripts/jobcontrold/desc-panda-jobcontrold.service', import.meta.url),
);
const CONFIG = '/etc/desc-panda/jobcontrold.yaml';

describe('the unit for systemd', () => {
  let program: BuiltProgram;
  let folder: string;
  let unit: ReadonlyMap<string, readonly string[]>;

  before(async () => {
    program = await buildProgram();
    folder = await mkdtemp(join(tmpdir(), 'systemd-'));
    const lines = (await readFile(UNIT, 'utf8')).split('\n').filter((line) => /^[A-Z]\w+=/.test(line));
    unit = Map.groupBy(lines, (line) => line.slice(0, line.indexOf('=')));
    await mkdir(join(folder, 'bin'));
    const start = `#!/bin/sh\nexec '${process.execPath}' '${program.entry}' "$@"\n`;
    await writeFile(join(folder, 'bin', 'desc-panda'), start, { mode: 0o755 });
  });
  after(async () => {
    // The service has started one.
    spawnSync(process.execPath, [program.entry, 'sandbox', 'stop'], { env: env() });
    await program.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const valueOf = (key: string): string => {
    const [line = '', ...more] = unit.get(key) ?? [];
    assert.ok(line !== '' && more.length === 0, key);
    return line.slice(key.length + 1);
  };
  /** What systemd would give it: nothing but what the unit says, and a path. */
  const env = (): NodeJS.ProcessEnv => {
    const [name = '', value] = valueOf('Environment').split('=');
    assert.deepEqual([name, value], ['HOME', `/var/lib/${valueOf('StateDirectory')}`]);
    return { PATH: `${join(folder, 'bin')}:/usr/local/bin:/usr/bin:/bin`, HOME: join(folder, 'home') };
  };
  /** The words of a command of the unit, with another configuration. */
  const wordsOf = (key: string, config: string): readonly [string, ...string[]] => {
    const words = valueOf(key).split(' ');
    assert.ok(words.includes(CONFIG), key);
    const [file = '', ...rest] = words.map((word) => (word === CONFIG ? config : word));
    return [file, ...rest];
  };
  async function configured(name: string, text: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  }
  const good = (port: number): string => `state: ${join(folder, 'state')}
users: { glast: { profile: sandbox } }
rmi: { host: 127.0.0.1, publicHost: 127.0.0.1, port: ${port} }
log: { file: ${join(folder, 'log', 'jobcontrold.log')} }
`;

  it('is one that systemd takes without a word', function () {
    const { error, status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', UNIT]);
    if (error !== undefined) return void this.skip();
    // It warns of keys that it does not know, and ends with 0 all the same; what it says of other units is not ours.
    const lines = `${stdout.toString()}${stderr.toString()}`.split('\n');
    assert.deepEqual(
      lines.filter((line) => line.includes('desc-panda')),
      [],
    );
    assert.equal(status, 0);
  });

  it('checks the configuration before, and is not started again for one that is wrong', async () => {
    const [file, ...rest] = wordsOf('ExecStartPre', await configured('good.yaml', good(0)));
    assert.equal(spawnSync(file, rest, { env: env() }).status, 0);
    const bad = await configured('bad.yaml', 'state: here\nusers: {}\n');
    for (const key of ['ExecStartPre', 'ExecStart']) {
      const [command, ...words] = wordsOf(key, bad);
      const { status, stderr } = spawnSync(command, words, { env: env() });
      assert.equal(String(status), valueOf('RestartPreventExitStatus'));
      assert.match(stderr.toString(), /bad\.yaml:1:8: state has to be an absolute path/);
    }
  });

  it('starts the service, and ends it in order by SIGTERM', async () => {
    const [file, ...rest] = wordsOf('ExecStart', await configured('run.yaml', good(0)));
    const child = spawn(file, rest, { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
    }
    try {
      await until('the service to begin', () => Promise.resolve(said.includes('Job control at port')), {
        timeoutMs: 120_000,
        seen: () => Promise.resolve(said),
      });
    } finally {
      child.kill('SIGTERM');
    }
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    const log = await readFile(join(folder, 'log', 'jobcontrold.log'), 'utf8');
    const events = log.split('\n').flatMap((line) => /"event":"([^"]*)"/.exec(line)?.[1] ?? []);
    assert.deepEqual(events.slice(-2), ['stopping', 'stopped']);
  });

  it('lets the process that sends mails end by itself, within a time that is enough', () => {
    assert.equal(valueOf('KillMode'), 'control-group');
    // One mail takes two minutes at most.
    assert.ok(Number(valueOf('TimeoutStopSec')) > 120);
  });

  it('lets it write where the documentation has it write, and nowhere else', async () => {
    const docs = await readFile(new URL('../../../../docs/operators.md', import.meta.url), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(docs)?.[1] ?? '';
    assert.equal(valueOf('ProtectSystem'), 'strict');
    assert.equal(/^state: (.*)$/m.exec(example)?.[1], `/var/lib/${valueOf('StateDirectory')}`);
    const logFile = /file: (\/.*)$/m.exec(example.slice(example.indexOf('log:')))?.[1] ?? '';
    assert.equal(dirname(logFile), `/var/log/${valueOf('LogsDirectory')}`);
    assert.equal(dirname(CONFIG), `/etc/${valueOf('ConfigurationDirectory')}`);
  });
});
