import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipelineReport } from '../../../src/cli/render/pipelineReport.ts';
import { instanceTable, isGoodEnd, processTable, sumLine } from '../../../src/cli/render/pipelineTable.ts';
import { styleFor } from '../../../src/cli/render/style.ts';
import type { InstanceSnapshot, InstanceState, PipelineSnapshot } from '../../../src/pipeline/index.ts';
import { createHarness } from './harness.ts';
import type { Harness } from './harness.ts';

function instance(
  process: string,
  state: InstanceState,
  more: Partial<InstanceSnapshot> = {},
): InstanceSnapshot {
  return {
    key: 1,
    process,
    type: 'BATCH',
    state,
    execution: 1,
    retry: 0,
    jobId: null,
    jobStatus: null,
    exitCode: null,
    host: null,
    created: 0,
    started: null,
    ended: null,
    mails: { start: true, end: state !== 'RUNNING', repeated: state === 'FAILED' ? 1 : 0 },
    message: null,
    earlier: [],
    ...more,
  };
}

const SNAPSHOT: PipelineSnapshot = {
  task: 'T',
  version: '1.0',
  counts: { RUNNING: 1, SUCCESS: 1, FAILED: 1 },
  streams: [
    {
      key: 1,
      task: 'T',
      path: '1',
      state: 'RUNNING',
      counts: { RUNNING: 1, SUCCESS: 1, FAILED: 1 },
      instances: [
        instance('make', 'SUCCESS', {
          jobId: '69001',
          exitCode: 0,
          started: 1000,
          ended: 63_000,
          host: 'wn|1',
        }),
      ],
      substreams: [0, 1].map((number) => ({
        key: 2 + number,
        task: 'T.sub',
        path: `1.${number}`,
        state: 'RUNNING' as const,
        counts: {},
        instances: [
          number === 0
            ? instance('x', 'RUNNING', { jobId: '69002' })
            : instance('x', 'FAILED', {
                jobId: '69003',
                exitCode: 3,
                execution: 2,
                message: 'a | <b>\u001b[2J',
              }),
        ],
        substreams: [],
      })),
    },
  ],
  mails: { started: 3, ended: 2, repeated: 4, refused: 1 },
  notes: ['T.make (1) wants a substream of no'],
};

const style = styleFor(false, {});

describe('tables of an emulated pipeline', () => {
  it('have a line for each process with the number of instances in each state', () => {
    assert.deepEqual(processTable(SNAPSHOT, { style, width: undefined }), [
      'PROCESS  WAITING  READY  SUBMITTED  RUNNING  SUCCESS  FAILED',
      'T.make                                             1',
      'T.sub.x                                   1                1',
    ]);
  });

  it('have a line for each process instance at the end, and a sum', () => {
    assert.deepEqual(instanceTable(SNAPSHOT, { style, width: undefined }), [
      'STREAM  PROCESS  STATE      EXECUTION  PANDAID  EXIT      RAN  MAILS         MESSAGE',
      '1       T.make   ✓ SUCCESS             69001       0  1 m 2 s  start end',
      '1.0     T.sub.x  ▷ RUNNING             69002                   start',
      '1.1     T.sub.x  ⊗ FAILED           2  69003       3           start end +1  a | <b>␛[2J',
    ]);
    assert.equal(
      sumLine(SNAPSHOT, style),
      'T: 3 process instances: 1 RUNNING, 1 SUCCESS, 1 FAILED; 5 mails, 4 repeated, 1 refused',
    );
    assert.equal(isGoodEnd(SNAPSHOT), false);
    assert.equal(isGoodEnd({ ...SNAPSHOT, counts: { SUCCESS: 3 } }), true);
  });

  it('leave out what ended well where there are very many', () => {
    const [stream] = SNAPSHOT.streams;
    assert.ok(stream);
    const instances = Array.from({ length: 500 }, (_, index) =>
      instance(`p${index}`, index === 7 ? 'FAILED' : 'SUCCESS'),
    );
    const many = { ...SNAPSHOT, streams: [{ ...stream, instances, substreams: [] }] };
    assert.equal(instanceTable(many, { style, width: 80 }).length, 2);
  });

  it('become Markdown in a report, whatever the texts hold', () => {
    const facts = { file: '/t/a_b.xml', daemon: 'd at h:1', started: 0, ended: 61_000 };
    const lines = pipelineReport(SNAPSHOT, facts).split('\n');
    assert.equal(lines[0], '# T 1.0');
    assert.ok(lines.includes('- Ended: 1970-01-01T00:01:01.000Z (1 m 1 s)'));
    assert.ok(lines.includes('| 1 | RUNNING | 1 RUNNING, 1 SUCCESS, 1 FAILED |'));
    assert.ok(lines.includes('| 1 | T.make | SUCCESS | 1 | 69001 | 0 | wn\\|1 | 1 m 2 s | start end |  |'));
    assert.ok(
      lines.some((line) =>
        line.startsWith('| 1.1 | T.sub.x | FAILED | 2 | 69003 | 3 |  |  | start end +1 | a \\| \\<b\\>'),
      ),
    );
    assert.ok(lines.includes('- T.make (1) wants a substream of no'));
  });
});

describe('desc-panda pipeline-emulator', () => {
  let harness: Harness;

  before(async () => {
    harness = await createHarness();
    await writeFile(join(harness.folder, 'bad.xml'), '<pipeline>\n</pipe>');
  });
  after(() => harness.dispose());

  it('says what is wrong with its words and its file before anything begins', async () => {
    for (const [words, message] of [
      ['', /^What is the emulator to do\?\n→ Say pipeline-emulator run TASK\.xml\n$/],
      ['run', /^The emulator runs one task file\./],
      ['run no.xml', /^no\.xml cannot be read \(ENOENT\)\./],
      ['run bad.xml --report x.txt', /^--report x\.txt: a report is a \.md or a \.json\./],
      ['run bad.xml --rollback failed', /^--rollback goes on with a run that was kept\./],
      ['run bad.xml --state s --rollback some', /^--rollback some: numbers are needed\./],
      ['run bad.xml --control', /^--control speaks JSON only\./],
      ['run bad.xml --cancel', /^--cancel goes on with a run that was kept\./],
      ['run bad.xml --failure-rate 1.5', /^--failure-rate 1\.5: a number from 0 to 1 is needed\./],
      ['run bad.xml --streams 0', /^--streams 0: a whole number from 1 on is needed\./],
      ['run bad.xml --smtp-port 70000', /^Port 70000: ports end at 65535\./],
      [
        'run bad.xml --state s',
        /^The task file cannot be run: line 2: Not well-formed XML: .*\n→ Mend it; desc-panda check lists/,
      ],
    ] as const) {
      const { code, stderr, stdout } = await harness.call([
        'pipeline-emulator',
        ...words.split(' ').filter((word) => word !== ''),
      ]);
      assert.equal(code, 2, words);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    }
  });
});
