import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adler32, formatAdler32 } from '../../../src/panda/index.ts';
import { packTarball } from '../../../src/transformations/tarball.ts';
import { NASTY, quote, SHELLS } from './payloadRunner.ts';
import { wrapperRuns } from './wrapperRuns.ts';
import { isAlive, until } from '../sandbox/pilot/pilotProcess.ts';

describe('the wrapper around payloads', () => {
  const { runner, place, run, read, report, sums, manifest, input } = wrapperRuns();

  for (const shell of SHELLS) {
    describe(`under ${shell}`, () => {
      it('passes on what is printed, and ends as the payload', async () => {
        const result = await run('printf "a\\0b"; echo ü >&2; exit 7', '', { shell });
        assert.deepEqual(result, { code: 7, stdout: 'a\0b', stderr: 'ü\n' });
      });

      it('fetches inputs whatever their names, and sends what the manifest asks for', async () => {
        const names = NASTY.filter((name) => name !== '' && !name.includes('\n') && !name.includes('/'));
        const lines = names.map((name) => input(name, `content of ${name}`));
        const outputs = ["it's $(touch owned) ü.out", 'payload.stdout', 'pipeline_summary', 'resources.json'];
        lines.push(...outputs.map((name, index) => ['put', name, `${runner.base}/out/${index}?s=1`]));
        lines.push(['done', 'manifest.out.json', `${runner.base}/out/done?s=1`]);
        lines.push(input('deep/er/ü.txt', 'deep'));
        const command = `cat deep/er/*; echo data > "it's \\$(touch owned) ü.out"`;
        const result = await run(command, manifest(lines), { shell });
        assert.equal(result.code, 0, result.stderr);
        for (const name of names) assert.equal(read(name), `content of ${name}`);
        assert.equal(runner.sent.get('/out/0')?.toString(), 'data\n');
        assert.equal(runner.sent.get('/out/1')?.toString(), 'deep');
        assert.match(runner.sent.get('/out/2')?.toString() ?? '', /^ExitCode: 0\n.*\n.*\nStatus: Ended\n$/mu);
        assert.equal(existsSync(join(runner.folder, 'owned')), false);
        const done = JSON.parse(runner.sent.get('/out/done')?.toString() ?? '') as {
          exitCode: number;
          payloadExitCode: number;
          files: { name: string; size: number; adler32: string; sha256: string }[];
        };
        assert.deepEqual([done.exitCode, done.payloadExitCode], [0, 0]);
        assert.deepEqual(
          done.files.map(({ name }) => name),
          outputs,
        );
        assert.deepEqual(done.files[0], {
          name: outputs[0],
          ...sums('data\n'),
          adler32: formatAdler32(adler32(Buffer.from('data\n'))),
        });
        assert.equal(runner.asked.at(-1), 'PUT /out/done?s=1', 'the list of what arrived comes last');
        assert.doesNotMatch(result.stdout + result.stderr, /secret|signature/u);
      });

      it('ends a payload that takes too much memory, and says so', async () => {
        const command = 'exec python3 -c "import time; x = bytearray(300 << 20); time.sleep(60)"';
        const result = await run(command, '--memory 100', { shell });
        assert.equal(result.code, 70);
        assert.match(result.stderr, /^ERROR The test used [1-3]\d\d MB of memory, 100 MB were asked for$/mu);
        assert.deepEqual(report().error_code, 70);
      });

      it('tells the payload of TERM, waits for it and ends with 143', async () => {
        const child = runner.launch(
          place(),
          `-- ${quote('trap "echo tidied; exit 0" TERM; echo up; while :; do sleep 0.1; done')}`,
          { shell },
        );
        await until(
          'a running payload',
          () => existsSync(join(runner.folder, 'out.log')) && read('out.log').includes('up'),
        );
        const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        assert.equal(await ended, 143);
        assert.equal(read('out.log'), 'up\ntidied\n');
        assert.match(
          read('pipeline_summary'),
          /^ExitCode: 0\nEndTime: .*\nSignals: TERM\nStatus: Ended\n$/mu,
        );
      });
    });
  }

  it('unpacks a tarball that is there already, and tells of failures where the pilot watches', async () => {
    const members = [{ name: 'x.txt', content: Buffer.from('x'), executable: false }];
    writeFileSync(join(runner.folder, 'sources.tar.gz'), packTarball(members).content);
    mkdirSync(join(runner.folder, "it's watched"));
    const words = `--source sources.tar.gz --reports ${quote("it's watched")}`;
    const result = await run('cat x.txt', `${words} --output none=none`);
    assert.deepEqual([result.code, result.stdout], [68, 'x']);
    assert.deepEqual(JSON.parse(read("it's watched/payload_error_report.json")), report());
    const without = await run('true', '--source gone.tar.gz');
    assert.equal(without.code, 65);
    assert.match(without.stderr, /^ERROR What came from gone\.tar\.gz is no tarball$/mu);
    const own = `echo '{"error_code": 3, "error_diag": "own"}' > payload_error_report.json; exit 3`;
    assert.equal((await run(own, `--reports ${quote("it's watched")}`)).code, 3);
    assert.match(read("it's watched/payload_error_report.json"), /own/u);
  });

  describe('judges', () => {
    it('a payload that says success without its outputs: 68', async () => {
      const result = await run(
        'echo > whole; : > empty',
        '--output whole=a --output empty=b --output none=c',
      );
      assert.equal(result.code, 68);
      assert.equal(result.stderr, 'ERROR The test ended with exit code 0 but left no empty, none\n');
      assert.equal(report().error_diag, 'The test ended with exit code 0 but left no empty, none');
      assert.equal(existsSync(join(runner.folder, 'a')), false, 'nothing has its final name');
    });

    it('a payload killed by a signal: 128 and its number', async () => {
      assert.equal((await run('kill -9 $$')).code, 137);
    });

    it('a payload that goes on for too long: 71', async () => {
      const result = await run('sleep 60', '--walltime 2');
      assert.equal(result.code, 71);
      assert.match(result.stderr, /did not end within the 2 s asked for/u);
    });

    it('one that has no time left, as all before it took so long: 71', async () => {
      // The first time that is asked for is that of the beginning.
      const date = [
        '#!/bin/sh',
        '[ "$1" = +%s ] || exec /bin/date "$@"',
        'if mkdir clock 2> /dev/null; then echo 1000; else echo 1100; fi',
      ];
      writeFileSync(join(runner.folder, 'date'), date.join('\n'), { mode: 0o700 });
      const result = await run('sleep 60', '--walltime 100', { path: `${runner.folder}:/usr/bin:/bin` });
      assert.equal(result.code, 71);
    });

    it('one that ignores being told to end: it is killed after the grace time', async () => {
      const environment = { DESC_PANDA_GRACE: '1' };
      const result = await run('trap "" TERM; while :; do sleep 1; done', '--walltime 1', { environment });
      assert.equal(result.code, 71);
    });

    it('software that cannot be set up: 67, also when that takes too long', async () => {
      const broken = runner.place('part.sh', 'payload_setup() { fail 67 "There is no phoSim at /x"; }');
      const result = await runner.run(broken, '--');
      assert.deepEqual([result.code, result.stderr], [67, 'ERROR There is no phoSim at /x\n']);
      const slow = runner.place('part.sh', 'payload_setup() { sleep 60; }');
      const late = await runner.run(slow, '--', { environment: { DESC_PANDA_SETUP_TIMEOUT: '0' } });
      assert.equal(late.code, 67);
      assert.match(late.stderr, /longer than 0 s/u);
    });

    it('a full disk: 72', async function () {
      const disk = join(runner.folder, 'disk');
      mkdirSync(disk);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'ignore' });
      } catch {
        // Only root may make a small disk; a limit on the size of files stops a payload in the same way.
        const result = await run('ulimit -f 8; exec cat /dev/zero > big');
        assert.ok(result.code !== 0);
        return;
      }
      try {
        const part = `../${place()}`;
        const fill = (command: string, words = '') =>
          runner.run(part, `${words} -- ${quote(command)}`, { folder: disk });
        const failed = await fill('cat /dev/zero > big');
        assert.equal(failed.code, 72, failed.stderr);
        assert.match(failed.stderr, /ERROR The disk is full: The test ended with exit code 1$/mu);
        const lied = await fill('rm big; cat /dev/zero > big 2> /dev/null; true', '--output out=x');
        assert.equal(lied.code, 72, lied.stderr);
        writeFileSync(join(disk, 'big'), '');
        const large = input('large', 'x'.repeat(2_900_000));
        assert.equal((await fill('true', manifest([large]))).code, 72);
      } finally {
        execFileSync('umount', ['-l', disk]);
      }
    });

    it('nothing by what an earlier run in the same folder left', async () => {
      assert.equal((await run('sleep 60', '--walltime 1')).code, 71);
      const again = await run('sleep 1.5; echo late');
      assert.deepEqual([again.code, again.stdout], [0, 'late\n']);
    });
  });

  describe('keeps', () => {
    const environment = { DESC_PANDA_OUTPUT_HEAD: '1000', DESC_PANDA_OUTPUT_TAIL: '500' };

    for (const [name, pause] of [
      ['at once', 'true'],
      ['over some time', 'sleep 1.2'],
    ] as const) {
      it(`head and tail of an output that is too long, printed ${name}`, async () => {
        const lines = 'i=0; while [ $i -lt 600 ]; do i=$((i + 1)); echo "line $i"; done';
        const url = ['put', 'payload.stdout', `${runner.base}/log`];
        const result = await run(`${lines}; ${pause}; ${lines}; ${pause}; echo end`, manifest([url]), {
          environment,
        });
        assert.equal(result.code, 0);
        const [, head = '', left, tail = ''] =
          /^([^]*)\n\[wrapper\] (\d+) bytes are left out here\n([^]*)$/u.exec(result.stdout) ?? [];
        assert.equal(head.length, 1000);
        assert.ok(head.startsWith('line 1\nline 2\n'));
        assert.equal(tail.length, 500);
        assert.ok(tail.endsWith('line 599\nline 600\nend\n'));
        assert.equal(head.length + Number(left) + tail.length, 2 * 5292 + 4);
        assert.equal(runner.sent.get('/log')?.toString(), result.stdout, 'what is sent is what was shown');
      });
    }

    it('nothing running that a payload started behind its back', async () => {
      const result = await run('sleep 1000 & echo $!');
      assert.equal(result.code, 0);
      await until('end of what was left', async () => !(await isAlive(Number(result.stdout))));
    });

    it('the payload in the folder of the job, with what programs leave in their home', async () => {
      const result = await run(
        'printf "%s\\n" "$HOME" "$TMPDIR" "$EUPS_USERDATA" "$MPLCONFIGDIR"; ulimit -c',
      );
      const lines = result.stdout.split('\n');
      for (const line of lines.slice(0, 4)) assert.ok(line.startsWith(runner.folder), line);
      assert.equal(lines[4], '0');
    });
  });

  describe('follows', () => {
    it('a running payload through the URLs of its pieces, in order and whole', async () => {
      const live = Array.from({ length: 9 }, (_, number) => {
        return ['live', 'stdout', number, 1, `${runner.base}/live/stdout.${number}`];
      });
      const sent = () => [...runner.sent].filter(([path]) => path.startsWith('/live/'));
      const running = run(
        'for i in 1 2 3; do echo "step $i"; until [ -e "seen $i" ]; do sleep 0.05; done; done; echo end',
        manifest(live),
      );
      for (const step of [1, 2, 3]) {
        await until(`piece ${step}`, () => sent().length === step);
        writeFileSync(join(runner.folder, `seen ${step}`), '');
      }
      const result = await running;
      assert.equal(result.code, 0, result.stderr);
      const pieces = sent();
      assert.deepEqual(
        pieces.map(([path]) => path),
        pieces.map((_, index) => `/live/stdout.${index}`),
      );
      assert.equal(pieces.map(([, content]) => content.toString()).join(''), 'step 1\nstep 2\nstep 3\nend\n');
    });

    it('on when a piece is refused', async () => {
      runner.refused.set('/live/0', { status: 403 });
      const result = await run(
        'echo a; sleep 2',
        manifest([['live', 'stdout', 0, 0, `${runner.base}/live/0`]]),
      );
      assert.deepEqual([result.code, result.stdout], [0, 'a\n']);
    });
  });

  it('notes signals that mean nothing, and goes on', async () => {
    const child = runner.launch(place(), `-- ${quote('echo up; sleep 2; echo down')}`);
    await until(
      'a running payload',
      () => existsSync(join(runner.folder, 'out.log')) && read('out.log').includes('up'),
    );
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGUSR2');
    child.kill('SIGUSR1');
    assert.equal(await ended, 0);
    assert.equal(read('out.log'), 'up\ndown\n');
    assert.match(read('pipeline_summary'), /^Signals:(?: USR[12]){2}$/mu);
  });

  it('writes the summary in the form of the SLAC pipeline', async () => {
    await run('exit 3', 'PIPELINE_PROCESSINSTANCE=48213377');
    const keys = [...read('pipeline_summary').matchAll(/^([A-Z]\w*):/gmu)].map(([, key]) => key);
    assert.deepEqual(
      keys,
      'ProcessInstance Host StartTime WorkDir LogFile Elapsed User System ExitCode EndTime Signals Status'.split(
        ' ',
      ),
    );
    assert.match(read('pipeline_summary'), /^ProcessInstance: 48213377\n/u);
    assert.match(read('pipeline_summary'), /^ExitCode: 3$/mu);
    assert.match(read('pipeline_summary'), /^User: \d+\.\d+$/mu);
    assert.ok(statSync(join(runner.folder, 'pipeline_summary')).size < 2000);
  });
});
