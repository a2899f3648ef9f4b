import assert from 'node:assert/strict';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxLayout } from '../../../../src/sandbox/layout.ts';
import { adler32OfFile } from '../../../../src/sandbox/pilot/adler32.ts';
import { parsePilotJob, type ParsedJob } from '../../../../src/sandbox/pilot/pilotJob.ts';
import { startFakeServer, type FakeServer, type Update } from './fakeServer.ts';
import {
  announce,
  isAlive,
  makeDataFolder,
  readText,
  removeDataFolder,
  startPilot,
  until,
  type PilotProcess,
} from './pilotProcess.ts';

const FINAL = new Set(['finished', 'failed']);

describe('pilot', () => {
  let layout: SandboxLayout;
  let server: FakeServer;
  let pilots: PilotProcess[];

  beforeEach(async () => {
    layout = await makeDataFolder();
    server = await startFakeServer();
    await announce(layout, server);
    pilots = [];
  });
  afterEach(async () => {
    for (const pilot of pilots)
      if (pilot.child.exitCode === null && pilot.child.signalCode === null) await pilot.end('SIGKILL');
    await server.close();
    await removeDataFolder(layout);
  });

  function start(settings = {}): PilotProcess {
    const pilot = startPilot(layout.root, settings);
    pilots.push(pilot);
    return pilot;
  }
  const last = (id: number) =>
    until(`last word on job ${id}`, () =>
      server.updates.find((u) => u.job_id === id && FINAL.has(u.job_status)),
    );
  const seen = (id: number, status: string) =>
    until(`job ${id} ${status}`, () =>
      server.updates.find((u) => u.job_id === id && u.job_status === status),
    );
  const report = (update: Update) =>
    JSON.parse(String(update.job_output_report)) as Record<
      string,
      { fsize: number; adler32: string; surl: string }
    >;

  it('runs a job, stages its outputs and logs, and clears its desk', async () => {
    const transformation = server.addFile(
      't.sh',
      '#!/bin/sh\necho "hello $*"; echo warn >&2; printf abc > out.1\n',
    );
    server.addJob({
      PandaID: 7,
      transformation,
      jobPars: `'two words' "\\$HOME" '$(touch /tmp/no)' ü`,
      outFiles: 'out.1,the.log.tgz',
      logFile: 'the.log.tgz',
      logGUID: 'a-guid',
    });
    start();
    const word = await last(7);
    assert.equal(word.job_status, 'finished');
    assert.equal(word.trans_exit_code, 0);
    assert.equal(word.attempt_nr, 0);
    assert.equal(word.pilot_id, `${server.url}/storage/7/pilotlog.txt|sandbox|PR|desc-panda-unknown`);
    const storage = join(layout.storageFolder, '7');
    assert.equal(await readText(storage, 'payload.stdout'), 'hello two words $HOME $(touch /tmp/no) ü\n');
    assert.equal(await readText(storage, 'payload.stderr'), 'warn\n');
    const files = report(word);
    assert.deepEqual(Object.keys(files).sort(), ['out.1', 'the.log.tgz']);
    assert.equal(files['out.1']?.adler32, '024d0127');
    assert.equal(files['out.1']?.fsize, 3);
    assert.equal(files['out.1']?.surl, `${server.url}/storage/7/out.1`);
    assert.equal(files['the.log.tgz']?.adler32, await adler32OfFile(join(storage, 'the.log.tgz')));
    assert.deepEqual(
      server.updates.filter((u) => u.job_id === 7).map((u) => u.job_status),
      ['starting', 'running', 'finished'],
    );
    await until('empty work folder', async () => {
      const names = await readdir(layout.workFolder);
      return names.every((name) => name.startsWith('pilot.lock'));
    });
    assert.equal((await stat(storage)).mode & 0o777, 0o700);
    assert.deepEqual([...server.tokensSeen], [undefined], 'no token goes along with downloads');
  });

  it('gives a payload the variables of PanDA and nothing of its own', async () => {
    server.addJob({ PandaID: 8, taskID: 55, transformation: server.addFile('env', 'env | sort; pwd\n') });
    start();
    await last(8);
    const text = await readText(layout.storageFolder, '8', 'payload.stdout');
    assert.match(text, /^PANDAID=8$/mu);
    assert.match(text, /^PanDA_TaskID=55$/mu);
    assert.match(text, /^PILOT_SITENAME=SANDBOX$/mu);
    assert.match(text, new RegExp(`^HOME=${join(layout.workFolder, '8')}$`, 'mu'));
    assert.doesNotMatch(text, /SECRET_OF_THE_PILOT|fake-token/u);
  });

  it('kills the whole payload at tobekilled, with KILL when TERM is not heeded', async () => {
    const transformation = server.addFile(
      'deaf',
      '#!/bin/sh\ntrap "" TERM\nsleep 1000 & echo $!\nsleep 1000\n',
    );
    server.addJob({ PandaID: 9, transformation });
    start({ graceSeconds: 0.3 });
    const stdout = () => readText(layout.storageFolder, '9', 'payload.stdout').catch(() => '');
    const pid = await until('pid of a sleep', async () => Number(await stdout()) || undefined);
    assert.ok(await isAlive(pid));
    server.answer = (update) =>
      update.job_status === 'running' ? { command: 'debug,tobekilled' } : undefined;
    const word = await last(9);
    assert.equal(word.job_status, 'failed');
    assert.equal(word.pilot_error_code, 1144);
    assert.equal(await isAlive(pid), false);
  });

  it('does not take debugoff or softkill for something else', async () => {
    server.answer = (update) =>
      update.job_status === 'running' ? { command: 'debugoff,softkill' } : undefined;
    server.addJob({ PandaID: 10, transformation: server.addFile('t', 'sleep 0.5\n') });
    start({ heartbeatSeconds: 0.05 });
    assert.equal((await last(10)).job_status, 'finished');
  });

  const failures = [
    {
      name: 'exit code',
      script: 'echo "ERROR no disk" >&2; exit 3',
      want: { trans_exit_code: 3, pilot_error_code: 1305 },
    },
    { name: 'signal', script: 'kill -SEGV $$', want: { pilot_error_code: 1203, trans_exit_code: 139 } },
    {
      name: 'missing output',
      script: 'true',
      outFiles: 'o',
      want: { pilot_error_code: 1165, trans_exit_code: 0 },
    },
    { name: 'empty output', script: ': > o', outFiles: 'o', want: { pilot_error_code: 1350 } },
    {
      name: 'link as output',
      script: 'ln -s /etc/passwd o',
      outFiles: 'o',
      want: { pilot_error_code: 1165 },
    },
    {
      name: 'own error report',
      script: `echo '{"error_code": 77, "error_diag": "no stars"}' > payload_error_report.json; exit 1`,
      want: { exe_error_code: 77, exe_error_diag: 'no stars', pilot_error_code: 1305, trans_exit_code: 1 },
    },
    {
      name: 'output that leaves the folder',
      script: 'true',
      outFiles: '../o',
      want: { pilot_error_code: 1371 },
    },
    {
      name: 'output with the name of a log',
      script: 'true',
      outFiles: 'pilotlog.txt',
      want: { pilot_error_code: 1371 },
    },
    { name: 'syntax error in the parameters', script: 'true', jobPars: '(', want: { trans_exit_code: 2 } },
    { name: 'wall time', script: 'sleep 100', maxWalltime: 1, want: { pilot_error_code: 1213 } },
    {
      name: 'output too long',
      script: 'exec yes',
      settings: { maxStdoutBytes: 1e5 },
      want: { pilot_error_code: 1106 },
    },
    {
      name: 'disk too full',
      script: 'true',
      settings: { freeDiskStartMB: 1e12 },
      want: { pilot_error_code: 1098 },
    },
    {
      name: 'disk filling up',
      script: 'sleep 100',
      settings: { freeDiskRunMB: 1e12 },
      want: { pilot_error_code: 1098 },
    },
    { name: 'no such transformation', transformation: '/cache/none', want: { pilot_error_code: 1346 } },
    { name: 'no transformation at all', transformation: 'NULL', want: { pilot_error_code: 1346 } },
    {
      name: 'a file as transformation',
      transformation: 'file:///bin/true',
      want: { pilot_error_code: 1346 },
    },
    { name: 'no server there', transformation: 'http://127.0.0.1:9/x', want: { pilot_error_code: 1149 } },
  ];
  for (const { name, script, settings, want, transformation, ...fields } of failures) {
    it(`reports a failure: ${name}`, async () => {
      const own = transformation?.startsWith('/') ? server.url + transformation : transformation;
      const url = own ?? server.addFile('t', `#!/bin/sh\n${script}\n`);
      server.addJob({ PandaID: 20, transformation: url, logFile: 'l.tgz', ...fields });
      start(settings);
      const word = await last(20);
      assert.equal(word.job_status, 'failed');
      for (const [field, value] of Object.entries(want)) assert.equal(word[field], value, field);
      if (name === 'exit code')
        assert.equal(word.pilot_error_diag, 'Payload ended with exit code 3: ERROR no disk');
      assert.deepEqual(Object.keys(report(word)), ['l.tgz'], 'the log tells of failures too');
    });
  }

  it('lets no log name lead out of the storage folder', async () => {
    server.addJob({
      PandaID: 21,
      transformation: server.addFile('t', 'true\n'),
      logFile: '../../escaped.tgz',
    });
    start();
    const word = await last(21);
    assert.equal(word.pilot_error_code, 1371);
    assert.deepEqual(report(word), {});
    assert.equal(await stat(join(layout.root, 'escaped.tgz')).catch(() => 'absent'), 'absent');
  });

  it('sends the end of the output, processor time and memory along', async () => {
    const script =
      'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; seq 30; until [ -e ../go ]; do sleep 0.05; done';
    server.addJob({
      PandaID: 30,
      transformation: server.addFile('t', `#!/bin/sh\n${script}\n`),
      coreCount: 1,
    });
    start();
    const end = Array.from({ length: 10 }, (_, i) => i + 21).join('\n');
    await until('a heartbeat with the end of the output', () =>
      server.updates.some((u) => u.job_status === 'running' && u.stdout === end),
    );
    await writeFile(join(layout.workFolder, 'go'), '');
    const word = await last(30);
    assert.equal(word.job_status, 'finished');
    assert.ok(Number(word.max_rss) > 500, `max_rss ${String(word.max_rss)}`);
    assert.ok(Number.isInteger(word.cpu_consumption_time));
  });

  it('keeps the last word until the server takes it, also from a new address', async () => {
    const script = 'until [ -e ../go ]; do sleep 0.05; done\n';
    server.addJob({ PandaID: 40, transformation: server.addFile('t', script) });
    const pilot = start();
    await seen(40, 'running');
    server.answer = () => 'drop';
    await writeFile(join(layout.workFolder, 'go'), '');
    await until('trouble noticed', () => pilot.log().includes('did not take the last word'));
    const old = server;
    server = await startFakeServer();
    await announce(layout, server);
    await old.close();
    const word = await last(40);
    assert.equal(word.job_status, 'finished');
    assert.match(String(word.pilot_id), /^http:\/\/127\.0\.0\.1:\d+\/storage\/40\//u);
  });

  it('tries again when the server says status code 30, and gives in to a refusal', async () => {
    let tries = 0;
    server.answer = (update) => {
      if (!FINAL.has(update.job_status)) return undefined;
      tries += 1;
      return tries < 3 ? { data: { StatusCode: 30 } } : undefined;
    };
    server.addJob({ PandaID: 41, transformation: server.addFile('t', 'true\n') });
    start();
    await until('third try', () => tries === 3);
  });

  it('goes on with a payload after kill -9 of the pilot, and runs nothing twice', async () => {
    const script = 'echo run >> ../runs; until [ -e ../go ]; do sleep 0.05; done; echo x > o; exit 0';
    server.addJob({
      PandaID: 50,
      transformation: server.addFile('t', `#!/bin/sh\n${script}\n`),
      outFiles: 'o',
    });
    const first = start();
    await seen(50, 'running');
    await until('note of the running payload', () =>
      readText(layout.workFolder, '50.json').then((text) => text.includes('"running"')),
    );
    await first.end('SIGKILL');
    server.updates.length = 0;
    start();
    await seen(50, 'running');
    await writeFile(join(layout.workFolder, 'go'), '');
    const word = await last(50);
    assert.equal(word.job_status, 'finished');
    assert.equal(word.trans_exit_code, 0);
    assert.equal(await readText(layout.workFolder, 'runs'), 'run\n');
  });

  it('runs what an earlier pilot took and did not start, and adopts what it started unnoted', async () => {
    const transformation = server.addFile('t', '#!/bin/sh\necho run >> ../runs\n');
    const note = async (pandaId: number) => {
      const { job } = parsePilotJob({ PandaID: pandaId, transformation }) as Extract<
        ParsedJob,
        { kind: 'job' }
      >;
      const state = { job, site: 'SANDBOX', launch: 0, phase: { kind: 'acquired' } };
      await mkdir(layout.workFolder, { recursive: true });
      await writeFile(join(layout.workFolder, `${pandaId}.json`), JSON.stringify(state));
    };
    await note(53);
    await note(54);
    await writeFile(join(layout.workFolder, '54.claim.0'), '999999999\n');
    await writeFile(join(layout.workFolder, '54.exit.0'), '6\n0m0.000s 0m0.000s\n0m1.000s 0m0.500s\nend\n');
    start();
    assert.equal((await last(53)).job_status, 'finished');
    const word = await last(54);
    assert.equal(word.trans_exit_code, 6);
    assert.equal(word.cpu_consumption_time, 2);
    assert.equal(await readText(layout.workFolder, 'runs'), 'run\n', 'only the one that had not run');
  });

  it('learns the exit code of a payload that ended while no pilot was there', async () => {
    const script = 'until [ -e ../go ]; do sleep 0.05; done; exit 5';
    server.addJob({ PandaID: 51, transformation: server.addFile('t', `#!/bin/sh\n${script}\n`) });
    const first = start({ supervised: true });
    await seen(51, 'running');
    await first.cutLifeline();
    await writeFile(join(layout.workFolder, 'go'), '');
    await until('exit file', () => stat(join(layout.workFolder, '51.exit.0')).catch(() => undefined));
    start();
    const word = await last(51);
    assert.equal(word.trans_exit_code, 5);
    assert.equal(word.pilot_error_code, 1305);
  });

  it('says so honestly when a payload vanished unseen', async () => {
    server.addJob({ PandaID: 52, transformation: server.addFile('t', '#!/bin/sh\nexec sleep 1000\n') });
    const first = start();
    const note = await until('note of the running payload', async () => {
      const text = await readText(layout.workFolder, '52.json').catch(() => '');
      return text.includes('"running"') ? (JSON.parse(text) as { phase: { pid: number } }) : undefined;
    });
    await first.end('SIGKILL');
    process.kill(-note.phase.pid, 'SIGKILL');
    start();
    const word = await last(52);
    assert.equal(word.pilot_error_code, 1200);
    assert.equal(word.trans_exit_code, undefined);
  });

  it('ends payloads when told to stop, and says why', async () => {
    server.addJob({ PandaID: 60, transformation: server.addFile('t', 'exec sleep 1000\n') });
    const pilot = start();
    await seen(60, 'running');
    await pilot.end('SIGTERM');
    const word = await last(60);
    assert.equal(word.pilot_error_code, 1201);
    assert.match(String(word.pilot_error_diag), /sandbox was stopped/u);
  });

  it('lets only one pilot serve a folder', async () => {
    const first = start();
    await until('first pilot at work', () => server.acquireCalls > 3);
    const second = start();
    server.addJob({ PandaID: 70, transformation: server.addFile('t', 'true\n') });
    await last(70);
    assert.match(first.log(), /Pilot unknown with/u);
    assert.doesNotMatch(second.log(), /Pilot unknown with/u);
  });

  it('ends what a payload leaves running', async () => {
    server.addJob({ PandaID: 80, transformation: server.addFile('t', '#!/bin/sh\nsleep 1000 & echo $!\n') });
    start();
    await last(80);
    const pid = Number(await readText(layout.storageFolder, '80', 'payload.stdout'));
    assert.equal(await isAlive(pid), false);
  });
});
