import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram } from './builtProgram.ts';
import type { BuiltProgram } from './builtProgram.ts';
import type { Printed } from './harness.ts';

/** The program as a process, on a sandbox with its pilot that it starts itself. */
describe('desc-panda, as a process', () => {
  let program: BuiltProgram;
  let folder: string;
  before(async () => {
    program = await buildProgram();
    folder = await mkdtemp(join(tmpdir(), 'cli-process-'));
    await mkdir(join(folder, 'config', 'desc-panda'), { recursive: true });
  });
  after(async () => {
    await run('sandbox stop');
    await rm(folder, { recursive: true, force: true });
    await program.dispose();
  });

  const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [program.entry, ...words], {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        DESC_PANDA_HOME: join(folder, 'home'),
        XDG_CONFIG_HOME: join(folder, 'config'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const run = async (line: string, env?: Readonly<Record<string, string>>): Promise<Printed> => {
    const child = start(line.split(' '), env);
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...printed };
  };

  it('starts the sandbox, runs HelloPanda to its end, and shows its log: exit 0', async () => {
    const { code, stdout, stderr } = await run('submit --hello --wait --follow');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Sandbox started at http:\/\/127\.0\.0\.1:\d+\.\n$/);
    assert.match(
      stdout,
      /^HelloPanda → SANDBOX \(profile sandbox\)\nSubmitted as \d+\.\n[^]*○ defined\n[^]*▷ running\n[^]* {2}│ Hello from PanDA\n[^]* {2}│ Goodbye\n[^]*✓ finished {2}(\d+|< 1) s\n$/,
    );
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(await readFile(join(program.entry, '../../../package.json'), 'utf8')) as {
      version: string;
    };
    for (const word of ['--version', 'version']) {
      assert.deepEqual(await run(word), { code: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  it('says trans:3 and why when the payload ends with 3: exit 1', async () => {
    const { code, stdout } = await run('submit --hello --wait -- --code 3');
    assert.equal(code, 1);
    assert.match(
      stdout,
      /⊗ failed.* {2}trans:3\n\nErrors\n {2}trans:3 {2}The payload ended with exit code 3\n {4}→ /,
    );
  });

  it('runs a script, keeps its output apart, and cancels it while it runs', async () => {
    // It ends when it is told to and the cancel was shown, as a payload that tidies up.
    const tidy = `while [ ! -e '${folder}/shown' ]; do sleep 0.1; done; exit 1`;
    const script = `#!/bin/sh\ntrap "${tidy}" TERM\necho begun "$1"\nwhile :; do sleep 0.1; done\n`;
    await writeFile(join(folder, 'sleep.sh'), script);
    const { stdout } = await run('submit sleep.sh --json -- with words');
    const { jobs } = JSON.parse(stdout) as { jobs: { pandaId: number }[] };
    const pandaId = jobs[0]!.pandaId;
    const following = start(['logs', String(pandaId), '--follow']);
    let log = '';
    for await (const text of following.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      log += text;
      if (log === 'begun with\n') break;
    }
    const cancelling = start(['cancel', String(pandaId), '--yes', '--wait']);
    let cancelled = '';
    cancelling.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (cancelled === '') writeFileSync(join(folder, 'shown'), '');
      cancelled += text;
    });
    assert.deepEqual(await once(cancelling, 'close'), [0, null]);
    assert.match(
      cancelled,
      /^⟲ cancel requested {2}\d+ sleep\.sh {2}waits for the pilot\n⊘ cancelled {2}\d+ sleep\.sh\n$/,
    );
    assert.equal((await run(`jobs --state cancelled --json`)).stdout.includes(String(pandaId)), true);
  });

  it('leaves the job running when it is interrupted, and says how to go on: exit 130', async () => {
    const child = start(['submit', '--hello', '--wait', '--', '--seconds', '30']);
    let interrupted = false;
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      // A second one would not be waited for.
      if (stdout.includes('running') && !interrupted) interrupted = child.kill('SIGINT');
    });
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 130);
    assert.match(stderr, /^Job \d+ goes on\.\n→ desc-panda job \d+ shows it/);
    const pandaId = /as (\d+)/.exec(stdout)?.[1] ?? '';
    assert.match((await run(`cancel ${pandaId} --yes`)).stdout, /cancel requested|cancelled/);
  });

  it('ends quietly when nobody reads on: exit 141', async () => {
    await writeFile(join(folder, 'much.sh'), '#!/bin/sh\nyes 0123456789 | head -n 300000\n');
    const { stdout } = await run('submit much.sh --wait');
    const pandaId = /as (\d+)/.exec(stdout)?.[1] ?? '';
    const child = start(['logs', pandaId]);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 141);
    assert.equal(stderr, '');
  });

  it('says that its output cannot be written: exit 6', async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [program.entry, '--help'], { stdio: ['ignore', full.fd, 'pipe'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number];
    await full.close();
    assert.equal(code, 6);
    assert.match(stderr, /^Could not write the output: ENOSPC: .*\.\n$/);
  });

  describe('gives one clear sentence, with what to do, for', () => {
    let server: Server;
    let listener: RequestListener;
    before(async () => {
      server = createServer((request, response) => listener(request, response));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}`;
      const token = { kind: 'token', tokenVariable: 'TEST_TOKEN', origin: 'lsst' };
      const profiles = {
        bad: { server: url, vo: 'lsst' },
        token: { server: url, vo: 'lsst', authentication: token },
        nobody: { server: 'http://127.0.0.1:9', vo: 'lsst' },
      };
      await writeFile(join(folder, 'config', 'desc-panda', 'profiles.json'), JSON.stringify({ profiles }));
      await writeFile(join(folder, 'empty.sh'), '');
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    const secret = 'secret-token-of-the-test';
    const answers: Readonly<Record<string, RequestListener>> = {
      html: (_, response) =>
        response.setHeader('Content-Type', 'text/html').end('<html><title>Log in</title></html>'),
      half: (_, response) => response.end('{"success": true, "data": [{"Pan'),
      failure: (_, response) => response.writeHead(500).end('ERROR : no idea'),
      refusal: (_, response) =>
        response
          .writeHead(403)
          .end('ERROR : Token authentication failed. Invalid token. Signature has expired'),
      cut: (request) => request.socket.destroy(),
    };
    const cases: readonly (readonly [
      what: string,
      answer: string,
      line: string,
      code: number,
      text: RegExp,
    ])[] = [
      [
        'an id that PanDA does not know',
        '',
        'job 99',
        4,
        /^Could not find job 99 at \S+: PanDA knows no job of this number\.\n→ Look/,
      ],
      [
        'a site that is not there',
        '',
        'submit --hello --site NOWHERE',
        4,
        /^There is no site NOWHERE\.\n→ Choose one that is online: SANDBOX/,
      ],
      ['a script that is empty', '', 'submit empty.sh', 2, /^The script is empty: empty\.sh\.\n→ Mend it/],
      [
        'a server that is not there',
        '',
        'job 1 --profile nobody',
        3,
        /^Could not .* http:\/\/127\.0\.0\.1:9: nothing answers there \(ECONNREFUSED\)\.\n→ Check that the server runs/,
      ],
      [
        'a web page instead of data',
        'html',
        'job 1 --profile bad',
        3,
        /^Could not .*: a web page came back instead of data \(“Log in”\)\.\n→ Check the address/,
      ],
      [
        'a token that is not accepted',
        'refusal',
        'job 1 --profile token',
        3,
        /^Could not .*: .*Signature has expired\.\n→ Sign in again/,
      ],
      [
        'half an answer',
        'half',
        'job 1 --profile bad',
        3,
        /^Could not .*: only part of the answer came \(\d+ characters\)\.\n→ Try again/,
      ],
      [
        'a server that fails',
        'failure',
        'job 1 --profile bad',
        3,
        /^Could not .*: the server failed with HTTP 500: .*no idea\.\n→ Try again/,
      ],
      [
        'a connection that breaks',
        'cut',
        'job 1 --profile bad',
        3,
        /^Could not .*: the connection broke .*\.\n→ /,
      ],
      [
        'a submission to a server that is not there',
        '',
        'submit --hello --site X --profile nobody',
        3,
        /^Could not .*: nothing answers there/,
      ],
      [
        'a submission to a web page',
        'html',
        'submit --hello --site X --profile bad',
        3,
        /^Could not .*: a web page came back/,
      ],
    ];
    it('a port in use, on another sandbox', async () => {
      const { port } = server.address() as AddressInfo;
      const { code, stderr } = await run(`sandbox start --data-folder other --port ${port}`);
      assert.match(stderr, new RegExp(`^.*\\b${port}\\b.*\\.\n→ .*\n$`));
      assert.equal(code, 6);
    });
    for (const [what, answer, line, code, text] of cases) {
      it(what, async () => {
        listener = answers[answer] ?? ((_, response) => response.end());
        const printed = await run(line, { TEST_TOKEN: secret });
        assert.match(printed.stderr, text);
        assert.equal(printed.code, code, printed.stderr);
        assert.ok(printed.stderr.split('\n').length <= 3, printed.stderr);
        assert.doesNotMatch(printed.stderr + printed.stdout, new RegExp(`${secret}| at .*\\.js:\\d`));
      });
    }
  });
});
