import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../../../src/cli/app.ts';
import type { CliIo, OutStream } from '../../../../src/cli/io.ts';
import type { PipelineSnapshot, StreamSnapshot } from '../../../../src/pipeline/index.ts';
import type { SandboxControl } from '../../../../src/sandbox/index.ts';
import { systemClock } from '../../../../src/watch/index.ts';
import { freePort } from '../../../support/freePort.ts';
import { sandboxOf, servicesOn, startRunningDaemon } from '../daemon/runningDaemon.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/pipeline/${name}`, import.meta.url));

describe('desc-panda pipeline-emulator on the sandbox', () => {
  let folder: string;
  let control: SandboxControl;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pipeline-emulator-'));
    control = sandboxOf(folder);
  });
  after(async () => {
    await control.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function call(
    words: readonly string[],
    onPrint: (text: string) => void = () => undefined,
    signal = new AbortController().signal,
  ) {
    const printed = { code: 0, out: '', err: '' };
    const stream = (name: 'out' | 'err'): OutStream => ({
      write: (text) => {
        printed[name] += text;
        onPrint(text);
      },
      flush: () => Promise.resolve(),
      isTTY: false,
      columns: undefined,
      rows: undefined,
    });
    const io: CliIo = {
      stdout: stream('out'),
      stderr: stream('err'),
      env: { DESC_PANDA_HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') },
      cwd: folder,
      home: folder,
      userName: 'desc',
      userId: 1000,
      clock: systemClock,
      random: Math.random,
      signal,
      lines: () => ({ dispose: () => undefined }),
      ask: () => Promise.resolve(undefined),
    };
    printed.code = await runCli(['pipeline-emulator', 'run', ...words], io, servicesOn(control));
    return printed;
  }

  it('brings phoSim and the DM stack with 3 streams to their ends by one command', async () => {
    const report = join(folder, 'report.md');
    const words = [
      fixture('phosim-dm.xml'),
      '--streams',
      '3',
      '--poll',
      '1s',
      '--state',
      join(folder, 'one'),
      '--report',
      report,
    ];
    const { code, out, err } = await call([...words, '--json']);
    assert.equal(code, 0, err + out);
    const end = JSON.parse(out) as PipelineSnapshot & { good: boolean };
    assert.equal(end.good, true);
    assert.deepEqual(end.counts, { SUCCESS: 24 });
    assert.deepEqual(end.mails, { started: 12, ended: 12, repeated: 0, refused: 0 });
    for (const stream of end.streams) {
      assert.equal(stream.state, 'SUCCESS');
      assert.deepEqual(
        stream.substreams.map(({ path }) => path),
        [`${stream.path}.0`, `${stream.path}.1`],
      );
      assertOrder(stream);
    }
    assert.match(
      await readFile(report, 'utf8'),
      /\| 3\.1 \| PhoSim-DM\.singleSensor\.simulate \| SUCCESS \| 1 \| \d+ \| 0 \|/,
    );
  });

  it('goes on with a run that was broken off, on jobs that went on meanwhile', async () => {
    const stop = new AbortController();
    const words = [fixture('hello.xml'), '--streams', '2', '--poll', '1s', '--state', join(folder, 'two')];
    const broken = await call(
      words,
      (text) => {
        if (text.includes('SUBMITTED')) stop.abort(new DOMException('Ctrl-C', 'AbortError'));
      },
      stop.signal,
    );
    assert.equal(broken.code, 130);
    assert.match(broken.err, /--state .*two goes on with it/);
    const { code, out } = await call(words);
    assert.equal(code, 0, out);
    assert.match(out, /HelloPanda: 4 process instances: 4 SUCCESS; 8 mails\n$/);
  });

  it('ends failures of jobs in their states, and says so by its exit code', async () => {
    const words = [
      fixture('hello.xml'),
      '--job-time',
      '1s',
      '--job-sigma',
      '0',
      '--failure-rate',
      '1',
      '--poll',
      '1s',
    ];
    const { code, out } = await call(words);
    assert.equal(code, 1);
    assert.match(out, /^1 +HelloPanda\.hello +⊗ FAILED +\d+ +1 /m);
    assert.match(out, /^1 +HelloPanda\.again +↷ SKIPPED$/m);
  });

  it('calls a daemon that runs elsewhere, which sends its mails here', async () => {
    const smtpPort = await freePort();
    const daemon = await startRunningDaemon(
      folder,
      control,
      `state: ${folder}/daemon
users:
  glast: { profile: sandbox }
rmi: { host: 127.0.0.1, publicHost: 127.0.0.1, port: 0 }
mail: { from: panda@example.org, to: pipeline@example.org, server: 127.0.0.1, port: ${smtpPort}, security: none }
pollSeconds: 1
workingDirectories: { roots: [${folder}] }
`,
    );
    try {
      const words = [
        '--daemon',
        `127.0.0.1:${daemon.port}`,
        '--smtp-port',
        String(smtpPort),
        '--poll',
        '1s',
        '--state',
        join(folder, 'four'),
      ];
      const { code, out, err } = await call([fixture('hello.xml'), ...words]);
      assert.equal(code, 0, err + out);
      assert.match(err, /^Jobs go to JobControlService-glast at 127\.0\.0\.1:\d+;/);
      const wrong = await call([
        fixture('hello.xml'),
        ...words.slice(0, -1),
        join(folder, 'five'),
        '--service',
        'nobody',
      ]);
      assert.equal(wrong.code, 3);
      assert.match(wrong.err, /has no nobody: .*\n→ Check the name with --service\n$/);
    } finally {
      await daemon.end();
    }
    const gone = await call([fixture('hello.xml'), '--daemon', `127.0.0.1:${daemon.port}`]);
    assert.equal(gone.code, 3);
    assert.match(gone.err, /^Could not /);
  });
});

/** Nothing began before what it waits for had ended. */
function assertOrder({ instances, substreams }: StreamSnapshot): void {
  const of = (name: string) => instances.find(({ process }) => process === name);
  const begun = (name: string): number => of(name)?.started ?? NaN;
  const ended = (name: string): number => of(name)?.ended ?? NaN;
  const sensors = substreams.flatMap((stream) =>
    stream.instances.filter(({ process }) => process === 'simulate'),
  );
  assert.equal(sensors.length, 2);
  for (const { started, ended: end, jobId } of sensors) {
    assert.match(jobId ?? '', /^\d+$/);
    assert.ok(ended('setupVisit') <= (started ?? NaN));
    assert.ok((end ?? NaN) <= begun('processVisit'));
  }
  assert.ok(ended('processVisit') <= begun('report-jy'));
}
