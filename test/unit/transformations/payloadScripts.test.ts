import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransformations } from '../../../src/transformations/index.ts';
import { payloadPath, readPayloadSource } from './payloadSources.ts';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
const NASTY = [
  'two words',
  `it's "quoted"`,
  '$(touch owned) `touch owned` ${HOME}',
  'ü 银河',
  '',
  '*',
  '-n',
  'a\nb',
  '\\',
];
const shells = ['/bin/sh', '/usr/bin/dash', '/bin/bash', '/bin/busybox'].filter((path) => existsSync(path));

describe('payload scripts', () => {
  let folder: string;
  let server: Server;
  let files: Map<string, Uint8Array>;
  let base: string;

  before(async () => {
    files = new Map();
    server = createServer((request, response) => {
      const content = files.get(request.url ?? '');
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-payload-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a payload the way the pilot does: one line of parameters, given to a shell. */
  function run(name: string, parameters: string, shell = '/bin/sh'): Promise<Run> {
    const payload = join(folder, name);
    copyFileSync(payloadPath(name), payload);
    chmodSync(payload, 0o700);
    const shellWords = shell.endsWith('busybox') ? `${shell} sh` : shell;
    return new Promise((resolve) => {
      const env = { PATH: '/usr/local/bin:/usr/bin:/bin', PANDAID: '42', PILOT_SITENAME: 'SANDBOX' };
      const command = `${shellWords} ./${name} ${parameters}`;
      execFile('/bin/sh', ['-c', command], { cwd: folder, env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  function script(name: string, content: string, outputs: string[] = []): string {
    const transformation = createTransformations(readPayloadSource).find(({ id }) => id === 'script')!;
    const built = transformation.build({ path: `/x/${name}`, content: Buffer.from(content) }, { outputs });
    assert.ok(built.kind === 'requests', JSON.stringify(built));
    const tarball = built.requests[0]!.transformation.tarball!;
    files.set(`/cache/${tarball.name}`, tarball.content);
    return `--source ${base}/cache/${tarball.name}`;
  }

  for (const name of ['hello-panda.sh', 'run-script.sh']) {
    for (const shell of shells) {
      it(`${name} is sound for ${shell}`, () => {
        execFileSync(shell, [...(shell.endsWith('busybox') ? ['sh'] : []), '-n', payloadPath(name)]);
      });
    }
  }

  for (const shell of shells) {
    it(`HelloPanda greets under ${shell}`, async () => {
      const result = await run('hello-panda.sh', '--output hello.txt=job.1.hello.txt -- dear stars', shell);
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^Hello from PanDA, dear stars\n/u);
      assert.match(result.stdout, /^job {5}42$/mu);
      assert.match(result.stdout, /^site {4}SANDBOX$/mu);
      assert.match(result.stdout, /Goodbye\n$/u);
      assert.match(readFileSync(join(folder, 'job.1.hello.txt'), 'utf8'), /^folder /mu);
      assert.equal(existsSync(join(folder, 'hello.txt')), false);
    });

    it(`the script payload passes every argument on unharmed under ${shell}`, async () => {
      const source = script("it's my $(touch owned) ü.sh", 'printf "<%s>\\n" "$@"\necho data > out.txt\n');
      const words = NASTY.map(quote).join(' ');
      const output = quote("out.txt=job's $(touch owned) ü.out.txt");
      const result = await run(
        'run-script.sh',
        `PIPELINE_TASK=t ${source} --output ${output} -- ${words}`,
        shell,
      );
      assert.equal(result.code, 0, result.stderr);
      assert.equal(result.stdout, NASTY.map((word) => `<${word}>\n`).join(''));
      assert.equal(readFileSync(join(folder, "job's $(touch owned) ü.out.txt"), 'utf8'), 'data\n');
      assert.equal(existsSync(join(folder, 'owned')), false);
    });
  }

  it('HelloPanda runs on and fails as told', async () => {
    const result = await run('hello-panda.sh', '--output hello.txt=h -- --sleep 1 --exit 3');
    assert.equal(result.code, 3);
    assert.match(result.stdout, /second 1 of 1\n/u);
    assert.match(result.stderr, /^ERROR .*exit code 3/u);
  });

  for (const parameters of ['-- --sleep', '-- --exit x', '--output other=x --', '--colour red --']) {
    it(`HelloPanda refuses: ${parameters}`, async () => {
      const result = await run('hello-panda.sh', parameters);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^ERROR /u);
    });
  }

  it('repeats nothing but words: no argument of HelloPanda is run', async () => {
    const result = await run('hello-panda.sh', `-- ${NASTY.map(quote).join(' ')}`);
    assert.equal(result.code, 0);
    assert.ok(result.stdout.includes('$(touch owned) `touch owned` ${HOME}'));
    assert.equal(existsSync(join(folder, 'owned')), false);
  });

  it('gives a script the names of the pipeline and the exit code its own way out', async () => {
    const source = script(
      'x.sh',
      'echo "$PIPELINE_TASK/$PIPELINE_PROCESSINSTANCE/$PIPELINE_STREAM"; exit 7\n',
    );
    const words = `${quote('PIPELINE_TASK=my task')} PIPELINE_PROCESSINSTANCE=12 PIPELINE_STREAM=0`;
    const result = await run('run-script.sh', `${words} ${source} --`);
    assert.equal(result.stdout, 'my task/12/0\n');
    assert.equal(result.code, 7);
  });

  it('runs Python by its extension, and anything by its #! line', async () => {
    const python = await run(
      'run-script.sh',
      `${script('x.py', 'import sys\nprint(sys.argv[1:])\n')} -- 'a b' c`,
    );
    assert.equal(python.stdout, "['a b', 'c']\n", python.stderr);
    const other = await run(
      'run-script.sh',
      `${script('x.data', '#!/usr/bin/env -S sed -n 2p\nsecond\n')} --`,
    );
    assert.equal(other.stdout, 'second\n', other.stderr);
  });

  it('leaves outputs unnamed when the script fails, and a missing one to the pilot', async () => {
    const failing = await run('run-script.sh', `${script('x.sh', 'echo > o; exit 1\n')} --output o=final --`);
    assert.equal(failing.code, 1);
    assert.equal(existsSync(join(folder, 'final')), false);
    const silent = await run('run-script.sh', `${script('y.sh', 'true\n')} --output p=final --`);
    assert.equal(silent.code, 0);
  });

  const wrong: [string, string, number][] = [
    ['no source', '--', 143],
    ['a source that is gone', '--source BASE/cache/none --', 146],
    ['a source that is no URL', '--source /etc/passwd --', 146],
    ['a source that is no tarball', '--source BASE/junk --', 143],
    ['no end of our words', 'PIPELINE_TASK=x', 10],
    ['an unknown word', 'x --', 10],
  ];
  for (const [name, parameters, code] of wrong) {
    it(`the script payload refuses ${name}`, async () => {
      files.set('/junk', Buffer.from('junk'));
      const result = await run('run-script.sh', parameters.replace('BASE', base));
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, /^ERROR /mu);
      assert.deepEqual(
        readdirSync(folder).filter((entry) => !entry.startsWith('.desc-panda')),
        ['run-script.sh'],
      );
    });
  }
});
