import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adler32 } from '../../../../src/panda/index.ts';
import { adler32OfFile } from '../../../../src/sandbox/pilot/adler32.ts';
import { findTellingLine, readErrorReport, readTail } from '../../../../src/sandbox/pilot/diagnosis.ts';
import { badFileName, parsePilotJob } from '../../../../src/sandbox/pilot/pilotJob.ts';
import { transformationFile } from '../../../../src/sandbox/pilot/prepare.ts';
import {
  parseProcStat,
  parsePsLine,
  payloadProcesses,
  type ProcessRow,
} from '../../../../src/sandbox/pilot/processTable.ts';
import { splitCommands } from '../../../../src/sandbox/pilot/serverLink.ts';
import { parsePilotSettings } from '../../../../src/sandbox/pilot/settings.ts';
import { createUsage } from '../../../../src/sandbox/pilot/usage.ts';

describe('parts of the pilot', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-parts-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  function file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  it('computes adler32 as zlib does', async () => {
    assert.equal(adler32(Buffer.from('')), 1);
    assert.equal(adler32(Buffer.from('Wikipedia')), 0x11e60398);
    const long = Buffer.alloc(1_000_003, 0xff);
    assert.equal(adler32(long.subarray(7), adler32(long.subarray(0, 7))), adler32(long));
    assert.equal(await adler32OfFile(file('w', 'Wikipedia')), '11e60398');
    assert.equal(await adler32OfFile(file('e', '')), '00000001');
  });

  it('takes command words apart and compares them whole', () => {
    assert.deepEqual([...splitCommands('debug,tobekilled')], ['debug', 'tobekilled']);
    assert.deepEqual([...splitCommands('NULL')], []);
    assert.deepEqual([...splitCommands(null)], []);
    assert.equal(splitCommands('debugoff').has('debug'), false);
  });

  it('reads a job as the server gives it', () => {
    const parsed = parsePilotJob({
      PandaID: 6900002001,
      transformation: 'http://x/trf.sh',
      jobPars: 'NULL',
      attemptNr: 2,
      taskID: '17',
      coreCount: 'NULL',
      maxWalltime: 'NULL',
      prodUserID: 'alice adams',
      outFiles: 'a.log.tgz,out0.fits,out1.fits',
      logFile: 'a.log.tgz',
      logGUID: 'g',
    });
    assert.deepEqual(parsed, {
      kind: 'job',
      job: {
        pandaId: 6900002001,
        attemptNr: 2,
        taskId: 17,
        transformation: 'http://x/trf.sh',
        jobParameters: '',
        owner: 'alice adams',
        cores: 1,
        maxWalltime: null,
        outputs: ['out0.fits', 'out1.fits'],
        log: { lfn: 'a.log.tgz', guid: 'g' },
        secrets: null,
      },
    });
  });

  for (const PandaID of ['../5', -1, 0, 1.5, null, 2 ** 60, {}]) {
    it(`takes no job with the id ${JSON.stringify(PandaID)}`, () => {
      assert.equal(parsePilotJob({ PandaID, transformation: 'x' }).kind, 'unusable');
    });
  }

  it('knows names that are none', () => {
    for (const name of [
      '',
      '.',
      '..',
      'a/b',
      '/a',
      'a\\b',
      'a\0',
      'a\nb',
      'x'.repeat(256),
      'payload.stdout',
      'panda_secrets.json',
    ]) {
      assert.ok(badFileName(name) !== undefined, name);
    }
    for (const name of ['a', '...', '-rf', "it's $(x) ü", 'x'.repeat(255)])
      assert.equal(badFileName(name), undefined);
  });

  it('names a transformation so that no shell can mistake it', () => {
    assert.equal(transformationFile('http://x/cache/hello-panda-1a2b.sh?y=1'), 'hello-panda-1a2b.sh');
    assert.equal(transformationFile('http://x/a%20b;rm -rf $HOME'), 'a_20b_rm_20-rf_20_HOME');
    assert.equal(transformationFile('http://x/'), 'transformation');
    assert.equal(transformationFile('http://x/..'), 'transformation');
  });

  it('reads a process whose name is a trap', () => {
    const stat = `12 (a) b ) S 3 4 5 0 -1 0 0 0 0 0 100 50 25 25 20 0 1 0 777 10485760 250 0`;
    const row = parseProcStat(stat, 'boot', 4);
    assert.deepEqual(row, {
      pid: 12,
      parent: 3,
      group: 4,
      session: 5,
      startedAt: 'boot:777',
      cpuSeconds: 2,
      virtualKB: 10240,
      rssKB: 1000,
    });
    assert.equal(parseProcStat(stat.replace(') S', ') Z'), 'boot', 4), undefined);
  });

  it('reads a line of ps', () => {
    const row = parsePsLine('  12  3  4  0  1000 10240 1-02:03:04.50 Mon Nov 23 02:44:50 2026');
    assert.equal(row?.cpuSeconds, 86_400 + 2 * 3600 + 3 * 60 + 4.5);
    assert.equal(row?.session, 4, 'the group stands in for a session that is not shown');
    assert.equal(row?.startedAt, 'Mon Nov 23 02:44:50 2026');
    assert.equal(parsePsLine('garbage'), undefined);
  });

  it('counts all that descends from a payload, and what left it', () => {
    const row = (pid: number, parent: number, group: number, session: number): ProcessRow => ({
      pid,
      parent,
      group,
      session,
      startedAt: `t${pid}`,
      cpuSeconds: 1,
      rssKB: 10,
      virtualKB: 20,
    });
    const rows = [
      row(40, 30, 40, 40),
      row(30, 10, 10, 10),
      row(10, 1, 10, 10),
      row(50, 1, 50, 50),
      row(60, 1, 60, 60),
    ];
    const found = payloadProcesses(
      rows,
      10,
      new Map([
        [50, 't50'],
        [60, 'another'],
      ]),
    );
    assert.deepEqual(
      found.map(({ pid }) => pid),
      [40, 30, 10, 50],
    );
  });

  it('never says what it does not know, and lets nothing shrink', () => {
    const usage = createUsage();
    assert.deepEqual(usage.fields(), {});
    const look = (cpuSeconds: number, rssKB: number) => {
      usage.observe([
        { pid: 1, parent: 0, group: 1, session: 1, startedAt: 'a', cpuSeconds, rssKB, virtualKB: rssKB * 2 },
      ]);
    };
    look(5, 100);
    look(3, 50);
    const want = { cpu_consumption_time: 5, max_rss: 100, max_vmem: 200, avg_rss: 75, avg_vmem: 150 };
    assert.deepEqual(usage.fields(), want);
    usage.setCpuSeconds(7.6);
    assert.equal(usage.fields().cpu_consumption_time, 8);
  });

  it('finds the line that tells most', async () => {
    const empty = file('empty', '');
    const find = (stdout: string, stderr: string) => findTellingLine(file('o', stdout), file('s', stderr));
    assert.equal(await find('a\nx CRITICAL: sky fell\n', 'ERROR b\n'), 'x CRITICAL: sky fell');
    assert.equal(await find('ERROR in stdout\n', 'WARNING w\nERROR first\nERROR second\n'), 'ERROR first');
    assert.equal(await find('', 'WARNING w\nlast\n'), 'WARNING w');
    assert.equal(await find('', 'one\ntwo \u001b[31mred\n'), 'two red');
    assert.equal(await findTellingLine(empty, empty), undefined);
    assert.equal(await findTellingLine(join(folder, 'none'), join(folder, 'none')), undefined);
  });

  it('reads the end of a file without half a character', async () => {
    assert.equal(await readTail(file('t', 'ab€'), 2), '');
    assert.equal(await readTail(file('t', 'ab€c'), 3), 'c');
    assert.equal(await readTail(file('t', 'abc'), 100), 'abc');
  });

  it('takes only a sound error report', async () => {
    const report = async (text: string) => {
      file('payload_error_report.json', text);
      return readErrorReport(folder);
    };
    assert.deepEqual(await report('{"error_code": 5, "error_diag": "d"}'), { code: 5, diag: 'd' });
    assert.deepEqual(await report('{"error_code": 5}'), { code: 5, diag: 'error code 5' });
    for (const text of ['', '{', '[]', '{"error_code": 0}', '{"error_code": "5"}', 'x'.repeat(70_000)]) {
      assert.equal(await report(text), undefined, text.slice(0, 20));
    }
  });

  it('refuses settings that make no sense', () => {
    assert.equal(parsePilotSettings('{"dataFolder": "/x", "slots": 3}').slots, 3);
    for (const line of [
      '[]',
      '{}',
      '{"dataFolder": "/x", "slots": 0}',
      '{"dataFolder": "/x", "slots": "2"}',
    ]) {
      assert.throws(() => parsePilotSettings(line), Error, line);
    }
    assert.throws(
      () => parsePilotSettings('{"dataFolder": "/x", "color": 1}'),
      /unknown pilot setting: color/u,
    );
    assert.throws(() => parsePilotSettings('{"dataFolder": "/x", "graceSeconds": -1}'), /graceSeconds/u);
  });
});
