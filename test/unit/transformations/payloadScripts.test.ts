import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransformations } from '../../../src/transformations/index.ts';
import { NASTY, PayloadRunner, quote, SHELLS, type Run } from './payloadRunner.ts';
import { payloadPaths, readPayloadSource } from './payloadSources.ts';

describe('payload scripts', () => {
  const runner = new PayloadRunner();
  before(() => runner.start());
  after(() => runner.stop());
  beforeEach(() => runner.openFolder());
  afterEach(() => runner.removeFolder());

  function run(part: string, parameters: string, shell?: string): Promise<Run> {
    return runner.run(runner.place(part), parameters, shell === undefined ? {} : { shell });
  }

  function script(name: string, content: string, outputs: string[] = []): string {
    const transformation = createTransformations(readPayloadSource).find(({ id }) => id === 'script')!;
    const built = transformation.build({ path: `/x/${name}`, content: Buffer.from(content) }, { outputs });
    assert.ok(built.kind === 'requests', JSON.stringify(built));
    const tarball = built.requests[0]!.transformation.tarball!;
    return `--source ${runner.serve(`/cache/${tarball.name}`, tarball.content)}`;
  }

  for (const path of payloadPaths.filter((one) => one.endsWith('.sh'))) {
    for (const shell of SHELLS) {
      it(`${path.replace(/^.*\//u, '')} is sound for ${shell}`, () => {
        execFileSync(shell, [...(shell.endsWith('busybox') ? ['sh'] : []), '-n', path]);
      });
    }
  }

  for (const shell of SHELLS) {
    it(`HelloPanda greets under ${shell}`, async () => {
      const result = await run(
        'hello-panda.sh',
        'PIPELINE_STREAM=3 --output hello.txt=job.1.hello.txt -- dear stars',
        shell,
      );
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^Hello from PanDA, dear stars\n/u);
      assert.match(
        result.stdout,
        /^job=42 site=SANDBOX host=\S+ user=\S+ time=\S+Z directory=.* PIPELINE_STREAM=3 /mu,
      );
      assert.match(result.stdout, /Goodbye\n$/u);
      assert.match(readFileSync(join(runner.folder, 'job.1.hello.txt'), 'utf8'), /^job=42 /mu);
      assert.equal(existsSync(join(runner.folder, 'hello.txt')), false);
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
      assert.equal(readFileSync(join(runner.folder, "job's $(touch owned) ü.out.txt"), 'utf8'), 'data\n');
      assert.equal(existsSync(join(runner.folder, 'owned')), false);
    });
  }

  it('HelloPanda runs on and fails as told', async () => {
    const result = await run('hello-panda.sh', '--output hello.txt=h -- --seconds 1 --code 3');
    assert.equal(result.code, 3);
    assert.match(result.stdout, /second 1 of 1\n/u);
    assert.match(result.stderr, /^ERROR .*exit code 3/u);
  });

  for (const parameters of ['-- --seconds', '-- --code x', '--colour red --']) {
    it(`HelloPanda refuses: ${parameters}`, async () => {
      const result = await run('hello-panda.sh', parameters);
      assert.equal(result.code, 64);
      assert.match(result.stderr, /^ERROR /u);
    });
  }

  it('repeats nothing but words: no argument of HelloPanda is run', async () => {
    const result = await run('hello-panda.sh', `-- ${NASTY.map(quote).join(' ')}`);
    assert.equal(result.code, 0);
    assert.ok(result.stdout.includes('$(touch owned) `touch owned` ${HOME}'));
    assert.equal(existsSync(join(runner.folder, 'owned')), false);
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

  it('leaves outputs unnamed when the script fails, and misses one that is not there', async () => {
    const failing = await run('run-script.sh', `${script('x.sh', 'echo > o; exit 1\n')} --output o=final --`);
    assert.equal(failing.code, 1);
    assert.equal(existsSync(join(runner.folder, 'final')), false);
    const silent = await run('run-script.sh', `${script('y.sh', 'true\n')} --output p=final --`);
    assert.equal(silent.code, 68);
    assert.equal(silent.stderr, 'ERROR The script ended with exit code 0 but left no p\n');
  });

  const wrong: [string, string, number][] = [
    ['no source', '--', 64],
    ['a source that is gone', '--source BASE/cache/none --', 65],
    ['a source that is no URL', '--source /etc/passwd --', 65],
    ['a source that is no tarball', '--source BASE/junk --', 65],
    ['no end of our words', 'PIPELINE_TASK=x', 64],
    ['an unknown word', 'x --', 64],
    ['an output elsewhere', '--output ../x=y --', 64],
    ['memory that is no number', '--memory much --', 64],
  ];
  for (const [name, parameters, code] of wrong) {
    it(`the script payload refuses ${name}`, async () => {
      runner.serve('/junk', 'junk');
      const result = await run('run-script.sh', parameters.replace('BASE', runner.base));
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, /^ERROR /mu);
      assert.deepEqual(readdirSync(runner.folder).sort(), [
        '.desc-panda',
        'payload_error_report.json',
        'pipeline_summary',
        'run-script.sh',
      ]);
    });
  }
});
