import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { MailError } from '../../../../src/pipeline/mail/keyLines.ts';
import {
  composeMail,
  formatSummary,
  parseMail,
  parseSummary,
} from '../../../../src/pipeline/mail/pipelineMail.ts';
import type { EndMail, StartMail } from '../../../../src/pipeline/mail/pipelineMail.ts';

const START: StartMail = {
  kind: 'start',
  processInstance: '12345678',
  host: 'wn0001',
  startTime: Date.UTC(2013, 9, 21, 12, 0, 0),
  workDir: '/data/desc/7/12345678',
  logFile: '/data/desc/7/12345678/logfile.txt',
};

const END: EndMail = {
  ...START,
  kind: 'end',
  endTime: Date.UTC(2013, 9, 21, 13, 1, 0),
  exitCode: 0,
  elapsed: 3660.123,
  user: 3294.1106,
  system: 183.00615,
  variables: new Map([
    ['endTime', '257731202'],
    ['startTime', '257731200'],
  ]),
  substreams: [],
};

/** The end mail of the pipeline's simulator, in its own order. */
const SIMULATED = `ExitCode: 0
Status: Ended
EndTime: Mon Oct 21 06:01:00 PDT 2013
LogFile: /data/desc/7/12345678/logfile.txt
Pipeline.endTime: 257731202
StartTime: Mon Oct 21 05:00:00 PDT 2013
Elapsed: 3660.123
ProcessInstance: 12345678
WorkDir: /data/desc/7/12345678
User: 3294.1106
System: 183.00615
Pipeline.startTime: 257731200
Host: wn0001
`;

const refused = (why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MailError, String(error));
  assert.match(error.message, why);
  return true;
};

describe('mails of the pipeline', () => {
  it('have the process instance for a subject and a line for each fact', () => {
    assert.deepEqual(composeMail(START), {
      subject: '12345678',
      text: [
        'ProcessInstance: 12345678',
        'Host: wn0001',
        'StartTime: Mon Oct 21 12:00:00 UTC 2013',
        'WorkDir: /data/desc/7/12345678',
        'LogFile: /data/desc/7/12345678/logfile.txt',
        'Status: Started',
        '',
      ].join('\n'),
    });
    const { text } = composeMail({ ...END, exitCode: -1 });
    assert.match(text, /^ExitCode: -1$/m);
    assert.match(text, /^Pipeline\.startTime: 257731200$/m);
    assert.match(text, /^Status: Ended$/m);
  });

  it('are read in any order, with either kind of line end', () => {
    for (const text of [SIMULATED, SIMULATED.replaceAll('\n', '\r\n')]) {
      assert.deepEqual(parseMail({ subject: '12345678', text }), END);
    }
  });

  it('are split at the first colon with a blank, and the last of a key counts', () => {
    const text =
      'Status: Ended\nPipeline.note: a: b\nPipeline.a:b: c\nExitCode: 1\nExitCode: 3\nSignals:\nPipeline.empty:';
    const mail = parseMail({ subject: '1', text });
    assert.ok(mail.kind === 'end');
    assert.equal(mail.exitCode, 3);
    assert.deepEqual(
      [...mail.variables],
      [
        ['note', 'a: b'],
        ['a:b', 'c'],
        ['empty', ''],
      ],
    );
  });

  it('say that a job has ended even where nothing else can be read', () => {
    const text = 'garbage\n\nStatus: Ended\nExitCode: many\nElapsed: -\nEndTime: some day\nUser: 1e999';
    const mail = parseMail({ subject: ' 17 ', text });
    assert.deepEqual(mail, {
      kind: 'end',
      processInstance: '17',
      host: null,
      startTime: null,
      workDir: null,
      logFile: null,
      endTime: null,
      exitCode: null,
      elapsed: null,
      user: null,
      system: null,
      variables: new Map(),
      substreams: [],
    });
  });

  it('ask for substreams', () => {
    const text =
      'Status: Ended\nPipelineCreateStream.a.b.3: X=1,Y="u: v"\nPipelineCreateStream.c.-1: \nPipelineCreateStream.d: Z=1';
    const mail = parseMail({ subject: '1', text });
    assert.ok(mail.kind === 'end');
    assert.deepEqual(mail.substreams, [
      { task: 'a.b', stream: 3, variables: 'X=1,Y="u: v"' },
      { task: 'c', stream: -1, variables: '' },
    ]);
    assert.deepEqual(parseMail(composeMail(mail)), mail);
  });

  it('of others are refused, with the reason', () => {
    const text = SIMULATED;
    assert.throws(() => parseMail({ subject: 'Out of office', text }), refused(/subject is not the number/));
    assert.throws(() => parseMail({ subject: '1'.repeat(20), text }), refused(/subject is not the number/));
    assert.throws(
      () => parseMail({ subject: '1', text }),
      refused(/subject names process instance 1, its text 12345678/),
    );
    assert.throws(() => parseMail({ subject: '1', text: 'Status: Lost' }), refused(/Status: Started or/));
    assert.throws(() => parseMail({ subject: '1', text: 'x'.repeat(1_000_001) }), refused(/1000000 char/));
    assert.throws(() => parseMail({ subject: '1', text: '\n'.repeat(20_001) }), refused(/20000 lines/));
  });

  it('carry what values hold that mail cannot', () => {
    const variables = new Map([
      ['a', 'two\r\nStatus: Started\r\n.\r\nlines'],
      ['b', 'é☃'],
      ['c', 'x'.repeat(5000)],
    ]);
    const { text } = composeMail({ ...END, variables });
    assert.match(text, /^[\x20-\x7e\n]*$/);
    assert.ok(text.split('\n').every((line) => line.length <= 998));
    const mail = parseMail({ subject: END.processInstance, text });
    assert.ok(mail.kind === 'end');
    assert.equal(mail.variables.get('a'), 'two Status: Started . lines');
    assert.equal(mail.variables.get('b'), '??');
  });

  it('are read as they were written', () => {
    const word = fc.stringMatching(/^[!-9;-~]{1,20}$/);
    const seconds = fc.option(fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }));
    const time = fc.option(fc.integer({ min: 0, max: 4_000_000_000 }).map((value) => value * 1000));
    const mails = fc.record(
      {
        kind: fc.constant('end' as const),
        processInstance: fc.stringMatching(/^[1-9][0-9]{0,17}$/),
        host: fc.option(word),
        startTime: time,
        endTime: time,
        workDir: fc.option(word),
        logFile: fc.option(word),
        exitCode: fc.option(fc.integer({ min: -255, max: 255 })),
        elapsed: seconds,
        user: seconds,
        system: seconds,
        variables: fc.array(fc.tuple(word, word), { maxLength: 100 }).map((pairs) => new Map(pairs)),
        substreams: fc.constant([]),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(mails, (mail) => {
        assert.deepEqual(parseMail(composeMail(mail)), mail);
        assert.deepEqual(parseSummary(formatSummary(mail)), mail);
      }),
    );
  });
});

describe('a pipeline_summary', () => {
  it('is read as the wrapper writes it', async () => {
    const file = new URL('../../../fixtures/samples/pipeline_summary.txt', import.meta.url);
    const summary = parseSummary(await readFile(file, 'utf8'));
    assert.equal(summary.processInstance, '48213377');
    assert.equal(summary.host, 'wn0421.example.org');
    assert.equal(summary.exitCode, 0);
    assert.equal(summary.elapsed, 5.21);
    assert.equal(summary.endTime, Date.UTC(2013, 9, 21, 14, 2, 17));
    assert.deepEqual([...summary.variables], [['SENSORS', 'R22_S10,R22_S11,R22_S12']]);
    assert.deepEqual(summary.substreams, [
      { task: 'singleSensor', stream: 3, variables: 'SENSOR="R22_S21"' },
    ]);
  });

  it('may be that of a job which wrote nothing but variables', () => {
    assert.deepEqual([...parseSummary('Pipeline.a: 1\n', '7').variables], [['a', '1']]);
    assert.throws(() => parseSummary('Pipeline.a: 1\n'), refused(/number of a process instance/));
  });
});
