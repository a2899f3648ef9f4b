import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packTarball, type TarballEntry } from '../../../src/transformations/tarball.ts';
import { NASTY, PayloadRunner, quote, SHELLS, type Run, type RunOptions } from './payloadRunner.ts';

/** Encodes a command as PanDA's own client does. */
const encoded = (command: string) => encodeURIComponent(command).replaceAll('%2F', '/');

describe('the recipe for script tasks', () => {
  const runner = new PayloadRunner();
  before(() => runner.start());
  after(() => runner.stop());
  beforeEach(() => runner.openFolder());
  afterEach(() => runner.removeFolder());

  function serve(members: readonly TarballEntry[]): string {
    runner.serve('/cache/sources.abc.tar.gz', packTarball(members).content);
    return `-j "" --sourceURL ${runner.base} -r . -a sources.abc.tar.gz`;
  }

  const file = (name: string, content: string, executable = false): TarballEntry => ({
    name,
    content: Buffer.from(content),
    executable,
  });

  const run = (words: string, options: RunOptions = {}): Promise<Run> =>
    runner.run(runner.placeAlone('run-gen.sh'), words, options);
  const read = (name: string) => readFileSync(join(runner.folder, name), 'utf8');
  const has = (name: string) => existsSync(join(runner.folder, name));

  for (const shell of SHELLS) {
    describe(`under ${shell}`, () => {
      it('runs a command of the archive as it was written, and names its outputs', async () => {
        const words = serve([
          file('run.sh', '#!/bin/sh\nprintf "<%s>" "$@" > args.txt\necho data > out.txt\necho more\n', true),
        ]);
        const command = `./run.sh ${NASTY.map(quote).join(' ')}`;
        const outputs = quote(`{'args.txt': 'x._000001.args.txt', "out.txt": 'it\\'s.out.txt'}`);
        const result = await run(`${words} -o ${outputs} -p "${encoded(command)}"`, { shell });
        assert.equal(result.code, 0, result.stderr);
        assert.equal(read('x._000001.args.txt'), NASTY.map((word) => `<${word}>`).join(''));
        assert.equal(read("it's.out.txt"), 'data\n');
        assert.match(result.stdout, /^more$/mu);
        assert.equal(has('owned'), false);
        assert.equal(has('workDir'), false, 'what is left over is removed');
      });

      it('decodes what is a code, and leaves the rest', async () => {
        const command = `printf '%s' '100%% \\0101 ü %zz' > out`;
        const result = await run(`-r . -o "{'out': 'out'}" -p ${quote(command.replace('ü', '%c3%BC'))}`, {
          shell,
        });
        assert.equal(result.code, 0, result.stderr);
        assert.equal(read('out'), '100%% \\0101 ü %zz');
      });

      it('puts inputs that are here in place of %IN, and says which are not', async () => {
        writeFileSync(join(runner.folder, 'a.root'), 'A');
        writeFileSync(join(runner.folder, 'b c.root'), 'B');
        const inputs = `-i "['a.root', 'b c.root', 'gone.root', 'a.root']"`;
        const command = `cat a.root 'b c.root' > out; echo '%IN %INE %IN' >> out; cat list >> out`;
        const words = `-r . ${inputs} --writeInputToTxt IN:list,X:other -o "{'out': 'out'}" -p "${encoded(command)}"`;
        const result = await run(words, { shell });
        assert.equal(result.code, 0, result.stderr);
        const names = 'a.root,b c.root';
        assert.equal(read('out'), `AB${names} ${names}E ${names}\n${names}`);
        assert.match(result.stdout, /gone\.root does not exist$/mu);
        assert.equal(has('a.root'), true, 'inputs stay');
      });

      it('tells streams of inputs apart', async () => {
        for (const name of ['a', 'b', 'c']) writeFileSync(join(runner.folder, name), name);
        const command = `echo '%IN %IN2,%IN2x' > out`;
        const map = quote(`{'IN': ['a', 'b'], 'IN2': ['c', 'gone']}`);
        const words = `-r . -i "['a', 'b', 'c']" --inMap ${map} -o "{'out': 'out'}" -p "${encoded(command)}"`;
        assert.equal((await run(words, { shell })).code, 0);
        assert.equal(read('out'), 'a,b c,%IN2x\n');
      });

      it('packs outputs of a pattern, and keeps what the command says of itself', async () => {
        const command = `echo 1 > a.root; echo 2 > b.root; echo '{"x": 1}' > userJobMetadata.json`;
        const words = `-r sub/dir -o "{'*.root': 'x.tgz', '*.none': 'none.tgz'}" -p "${encoded(command)}"`;
        const result = await run(words, { shell });
        assert.equal(result.code, 0, result.stderr);
        const packed = gunzipSync(readFileSync(join(runner.folder, 'x.tgz'))).toString('latin1');
        assert.deepEqual([packed.includes('a.root'), packed.includes('b.root')], [true, true]);
        assert.equal(has('none.tgz'), false);
        assert.match(result.stdout, /There is no output \*\.none$/mu);
        assert.equal(read('userJobMetadata.json'), '{"x": 1}\n');
      });

      it('runs a command with the final names where it is told to', async () => {
        const command = `echo a >out.txt; cp out.txt "my.out.txt"; echo b > 'log.txt'`;
        const outputs = `{'out.txt': 'x.1.out.txt', 'log.txt': 'x.1.log.txt'}`;
        const words = `-r . --execWithRealFileNames -o "${outputs}" -p "${encoded(command)}"`;
        const result = await run(words, { shell });
        assert.equal(result.code, 0, result.stderr);
        assert.deepEqual([read('x.1.out.txt'), read('x.1.log.txt')], ['a\n', 'b\n']);
      });

      it('ends as the command', async () => {
        const result = await run(`-r . -p "${encoded('echo said; exit 7')}"`, { shell });
        assert.equal(result.code, 7);
        assert.match(result.stdout, /^said$[^]*exit code 7$/mu);
        assert.equal((await run(`-r . -p "${encoded('kill -9 $$')}"`, { shell })).code, 137);
      });

      it('gives the secrets of its user', async () => {
        const secrets = { KEY: `it's $(touch owned)`, 'no name': 'x', '___file___:f.pem': 'aGVsbG8=' };
        writeFileSync(join(runner.folder, 'panda_secrets.json'), JSON.stringify(secrets));
        const command = 'printf "%s" "$KEY" > out; cat f.pem >> out; env | grep "no name" >> out; true';
        const result = await run(`-r . -o "{'out': 'out'}" -p "${encoded(command)}"`, { shell });
        assert.equal(result.code, 0, result.stderr);
        assert.equal(read('out'), `it's $(touch owned)hello`);
        assert.equal(has('panda_secrets.json'), false);
      });
    });
  }

  it('leaves secrets as they came where there is no Python to read them', async () => {
    writeFileSync(join(runner.folder, 'panda_secrets.json'), '{"KEY": "x"}');
    const command = 'test -f panda_secrets.json && test -z "${KEY-}"';
    const result = await run(`-r . -p "${encoded(command)}"`, { path: runner.pathWithout(['python3']) });
    assert.equal(result.code, 0, result.stderr);
  });

  it('tells by its exit code what is missing', async () => {
    assert.equal((await run('-p x')).code, 10);
    assert.equal((await run('-r .')).code, 10);
    assert.match((await run('-r . -p x --what')).stderr, /^ERROR : --what needs a value$/mu);
    assert.match((await run('-r . -p x --what=1')).stderr, /^ERROR : unknown word: --what$/mu);
    assert.match((await run('-r . -p x --useCMake')).stderr, /no software for --useCMake here/u);
    assert.equal((await run(`-r . -p true -i "['gone']"`)).code, 11);
    assert.equal((await run('-r . -p true -a ../x.tar.gz --sourceURL http://x')).code, 10);
  });

  it('fetches with whatever there is', async () => {
    const words = serve([file('run.sh', 'echo ok\n')]);
    for (const missing of [[], ['curl'], ['curl', 'wget']]) {
      const path = runner.pathWithout(missing);
      assert.equal((await run(`${words} -p "sh%20run.sh"`, { path })).code, 0, missing.join());
    }
    const path = runner.pathWithout(['curl', 'wget', 'python3']);
    assert.match((await run(`${words} -p true`, { path })).stderr, /none of curl, wget and python3 is/u);
  });

  it('asks for an archive again, and ends with 146 without one', async () => {
    const words = serve([file('run.sh', 'echo ok\n')]);
    runner.served.get('/cache/sources.abc.tar.gz')!.unshift({ status: 503 });
    const result = await run(`${words} -p "sh%20run.sh"`);
    assert.equal(result.code, 0, result.stderr);
    const lost = await run(`--sourceURL ${runner.base} -r . -a gone.tar.gz -p true`);
    assert.equal(lost.code, 146);
    assert.match(lost.stderr, /unable to fetch source tarball from web/u);
    assert.equal(runner.asked.filter((one) => one === 'GET /cache/gone.tar.gz').length, 3);
  });

  it('ends with 143 when the archive is broken', async () => {
    const words = serve([]);
    runner.serve('/cache/sources.abc.tar.gz', 'no tarball');
    const result = await run(`${words} -p true`);
    assert.equal(result.code, 143);
    assert.match(result.stderr, /sources\.abc\.tar\.gz is corrupted/u);
  });

  it('takes a library that the pilot has put there, and long forms of words', async () => {
    const library = packTarball([file('tool.sh', '#!/bin/sh\necho tool > out\n', true)]);
    writeFileSync(join(runner.folder, 'lib.tgz'), library.content);
    const result = await run(`-j "" -llib.tgz -r. --oldPrefix=x -o "{'out': 'final'}" -p "tool.sh"`);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(read('final'), 'tool\n');
  });
});
