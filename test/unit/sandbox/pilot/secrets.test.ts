import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SandboxLayout } from '../../../../src/sandbox/layout.ts';
import { parsePilotJob } from '../../../../src/sandbox/pilot/pilotJob.ts';
import { startFakeServer, type FakeServer } from './fakeServer.ts';
import {
  announce,
  makeDataFolder,
  readText,
  removeDataFolder,
  startPilot,
  until,
  type PilotProcess,
} from './pilotProcess.ts';

const VALUE = 'https://s3.example.org/m?X-Amz-Signature=abc';
const SECRETS = `{"K": "${VALUE}"}`;
const ID = 7;

describe('secrets of a user, in the hands of the pilot', () => {
  let layout: SandboxLayout;
  let server: FakeServer;
  let pilots: PilotProcess[];
  let workFolder: string;

  beforeEach(async () => {
    layout = await makeDataFolder();
    workFolder = join(layout.workFolder, String(ID));
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

  function start(): PilotProcess {
    const pilot = startPilot(layout.root);
    pilots.push(pilot);
    return pilot;
  }
  const addJob = (script: string, fields: object = {}): void => {
    const transformation = server.addFile('t', `#!/bin/sh\n${script}\n`);
    server.addJob({ PandaID: ID, transformation, logFile: 'l.tgz', secrets: SECRETS, ...fields });
  };
  const last = () =>
    until('last word on the job', () => server.updates.find((u) => u.job_status.startsWith('fi')));
  const stdout = () => readText(layout.storageFolder, String(ID), 'payload.stdout');
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  /** The files below the sandbox's folder that hold the secret. */
  function holders(): string[] {
    // Patient with files that come and go.
    const { stdout: found } = spawnSync('grep', ['-rl', 'X-Amz', layout.root], { encoding: 'utf8' });
    return found.split('\n').flatMap((file) => (file === '' ? [] : [basename(file)]));
  }
  /** The pilot has heard the answer to a heartbeat. */
  const heard = () =>
    until('heartbeats', () => server.updates.filter((u) => u.job_status === 'running').length > 1);

  it('are in a file of the payload’s own while it runs, and in no log', async () => {
    // What is kept of the folder afterwards must not hold them.
    server.answer = () => ({ command: 'nocleanup' });
    addJob(
      'ls -l panda_secrets.json; sed "s/.*Signature=\\(.*\\)\\".*/\\1/" panda_secrets.json;' +
        'until [ -e ../go ]; do sleep 0.05; done',
    );
    const pilot = start();
    await heard();
    await until('notes without secrets', () => holders().length === 1);
    assert.deepEqual(holders(), ['panda_secrets.json']);
    await writeFile(join(layout.workFolder, 'go'), '');
    assert.equal((await last()).job_status, 'finished');
    assert.match(await stdout(), /^-rw------- .*\nabc$/u);
    assert.ok(await isThere(workFolder), 'the folder is kept');
    assert.deepEqual(holders(), []);
    assert.doesNotMatch(`${pilot.log()}${JSON.stringify(server.updates)}`, /X-Amz/u);
  });

  it('are taken back by the pilot that takes over after a crash', async () => {
    server.answer = () => ({ command: 'nocleanup' });
    addJob('until [ -e ../go ]; do sleep 0.05; done');
    const first = start();
    await heard();
    await until('note of the running payload', () =>
      readText(layout.workFolder, `${ID}.json`).then((text) => text.includes('"running"')),
    );
    await first.end('SIGKILL');
    assert.deepEqual(holders(), ['panda_secrets.json']);
    server.updates.length = 0;
    start();
    await heard();
    await writeFile(join(layout.workFolder, 'go'), '');
    await last();
    await until('the desk is cleared', async () => !(await isThere(`${workFolder}.json`)));
    assert.ok(await isThere(workFolder), 'the folder is kept');
    assert.deepEqual(holders(), []);
  });

  it('are given by the next pilot where the first one did not come to it', async () => {
    const transformation = server.addFile('t', '#!/bin/sh\nwc -c < panda_secrets.json\n');
    const parsed = parsePilotJob({ PandaID: ID, transformation, secrets: SECRETS });
    assert.ok(parsed.kind === 'job');
    const state = { job: parsed.job, site: 'SANDBOX', launch: 0, phase: { kind: 'acquired' } };
    const first = start();
    await until('the first pilot at work', () => server.acquireCalls > 0);
    await first.end('SIGKILL');
    await writeFile(join(layout.workFolder, `${ID}.json`), JSON.stringify(state));
    start();
    await last();
    assert.equal(Number(await stdout()), SECRETS.length);
    await until('the desk is cleared', () => holders().length === 0);
  });

  it('are not there for a job that has none, and are no output', async () => {
    addJob('ls', { secrets: undefined });
    start();
    await last();
    assert.doesNotMatch(await stdout(), /secrets/u);
    await until('the desk is cleared', async () => !(await isThere(`${workFolder}.json`)));
    server.updates.length = 0;
    addJob('cp panda_secrets.json x', { outFiles: 'panda_secrets.json' });
    const word = await until('last word', () => server.updates.find((u) => u.job_status === 'failed'));
    assert.equal(word.pilot_error_code, 1371);
    await until('the desk is cleared', () => holders().length === 0);
  });
});
