import assert from 'node:assert/strict';
import type { NewSubstream } from '../../../../src/pipeline/emulator/events.ts';
import { rollBackProblem } from '../../../../src/pipeline/emulator/rollBack.ts';
import { snapshotOf } from '../../../../src/pipeline/emulator/snapshot.ts';
import { variablesFor } from '../../../../src/pipeline/emulator/variables.ts';
import type { PipelineModel } from '../../../../src/pipeline/emulator/model.ts';
import { at, dependsOn, happens, job, KEY_BASE, modelOf, states } from './tasks.ts';

/** One stream, number 0. */
function begun(inner: string, variables: Readonly<Record<string, string>> = {}): PipelineModel {
  const model = modelOf(inner);
  model.apply({ type: 'stream', at: 1, number: 0, variables });
  return model;
}

function runs(model: PipelineModel, name: string, code = 0): void {
  happens(model, `queued ${name}`, `submitted ${name}`, `started ${name}`, `ended ${name} ${code}`);
}

const CREATOR = `<process name="make"><job executable="m"/><createsSubtasks><subtask>sub</subtask></createsSubtasks></process>
${job('end', 'sub.y')}${job('always', 'sub.y=DONE')}
<task name="sub" type="LSST">${job('x')}${job('y', 'x')}</task>`;

function makes(model: PipelineModel, substreams: readonly NewSubstream[]): void {
  happens(model, 'queued make', 'submitted make', 'started make');
  const { key } = at(model, 'make');
  model.apply({
    type: 'ended',
    at: 2,
    key,
    exitCode: 0,
    host: null,
    startTime: null,
    endTime: null,
    variables: { MADE: 'yes' },
    substreams,
  });
}

const TWO: readonly NewSubstream[] = [0, 1].map((stream) => ({
  task: 'sub',
  stream,
  variables: { S: `s${stream}` },
}));

describe('a process instance', () => {
  it('goes from WAITING to its end by the words of job and daemon', () => {
    const model = begun(job('a') + job('b', 'a'));
    assert.equal(states(model), 'a READY, b WAITING');
    happens(model, 'queued a');
    assert.equal(states(model), 'a QUEUED, b WAITING');
    happens(model, 'submitted a');
    assert.equal(states(model), 'a SUBMITTED, b WAITING');
    happens(model, 'started a');
    assert.equal(states(model), 'a RUNNING, b WAITING');
    happens(model, 'ended a 0');
    assert.equal(states(model), 'a SUCCESS, b READY');
    const { jobId, host, exitCode, key, started, ended } = at(model, 'a');
    assert.deepEqual([jobId, host, exitCode, key], ['job-a', 'wn1', 0, KEY_BASE + 2]);
    assert.deepEqual([started, ended], [5, 9]);
  });

  it('takes mails that overtake the answer or each other, and mails that come twice', () => {
    const model = begun(job('a'));
    happens(model, 'queued a', 'started a');
    assert.equal(states(model), 'a RUNNING');
    happens(model, 'submitted a', 'ended a 0', 'started a', 'ended a 1', 'terminated a', 'refused a');
    assert.equal(states(model), 'a SUCCESS');
    assert.equal(at(model, 'a').jobId, 'job-a');
    assert.deepEqual(at(model, 'a').mails, { start: true, end: true, repeated: 2 });
    assert.deepEqual(model.mails, { started: 1, ended: 1, repeated: 2 });
  });

  it('is skipped when what it waits for cannot come any more', () => {
    const model = begun(job('a') + job('b', 'a') + job('c', 'b') + job('d', 'a=DONE') + job('e', 'a=FAILED'));
    runs(model, 'a', 3);
    assert.equal(states(model), 'a FAILED, b SKIPPED, c SKIPPED, d READY, e READY');
    assert.equal(at(model, 'a').exitCode, 3);
  });

  it('may be named in before', () => {
    const model = begun(
      job('late') +
        `<process name="early"><job executable="x"/><depends><before process="late"/></depends></process>`,
    );
    assert.equal(states(model), 'late WAITING, early READY');
    runs(model, 'early');
    assert.equal(states(model), 'late READY, early SUCCESS');
  });

  it('is TERMINATED without a mail, FAILED when it is refused, CANCELED when it was asked', () => {
    const model = begun(job('a') + job('b') + job('c') + job('d', 'a') + job('e'));
    happens(
      model,
      'queued a',
      'submitted a',
      'terminated a',
      'queued b',
      'refused b',
      'queued c',
      'submitted c',
      'cancel c',
      'cancel e',
    );
    assert.equal(states(model), 'a TERMINATED, b FAILED, c CANCELING, d SKIPPED, e CANCELED');
    happens(model, 'ended c 15');
    assert.equal(at(model, 'c').state, 'CANCELED');
  });

  it('is tried again by itself as often as it may', () => {
    const model = begun(job('a', '', 'autoRetryMaxAttempts="2"') + job('b', 'a'));
    runs(model, 'a', 1);
    assert.equal(states(model), 'a READY, b WAITING');
    happens(model, 'queued a', 'submitted a', 'terminated a');
    const { execution, retry } = at(model, 'a');
    assert.deepEqual([execution, retry], [3, 2]);
    runs(model, 'a', 1);
    assert.equal(states(model), 'a FAILED, b SKIPPED');
    const [stream] = snapshotOf(model, 0, () => null).streams;
    assert.deepEqual(stream?.instances[0]?.earlier, ['FAILED', 'TERMINATED']);
  });

  it('is tried again only after what retryOn names', () => {
    const model = begun(job('a', '', 'autoRetryMaxAttempts="9" retryOn="TERMINATED, 99"'));
    runs(model, 'a', 99);
    happens(model, 'queued a', 'submitted a', 'terminated a');
    assert.equal(at(model, 'a').execution, 3);
    runs(model, 'a', 1);
    assert.equal(states(model), 'a FAILED');
  });
});

describe('substreams', () => {
  it('come to be with the end of their creator, and are waited for all together', () => {
    const model = begun(CREATOR);
    makes(model, TWO);
    assert.equal(
      states(model),
      'make SUCCESS, end WAITING, always WAITING, x READY, y WAITING, x READY, y WAITING',
    );
    runs(model, 'sub.x 0.0');
    runs(model, 'sub.y 0.0');
    assert.equal(at(model, 'end').state, 'WAITING');
    runs(model, 'sub.x 0.1');
    runs(model, 'sub.y 0.1');
    assert.equal(
      states(model),
      'make SUCCESS, end READY, always READY, x SUCCESS, y SUCCESS, x SUCCESS, y SUCCESS',
    );
  });

  it('that fail skip what waits for their success only', () => {
    const model = begun(CREATOR);
    makes(model, TWO);
    runs(model, 'sub.x 0.0', 1);
    assert.deepEqual([at(model, 'end').state, at(model, 'always').state], ['SKIPPED', 'WAITING']);
    runs(model, 'sub.x 0.1', 1);
    assert.equal(at(model, 'always').state, 'READY');
  });

  it('may be none', () => {
    const model = begun(CREATOR);
    makes(model, []);
    assert.equal(states(model), 'make SUCCESS, end READY, always READY');
  });

  it('are numbered on, not doubled, and only of subtasks', () => {
    const model = begun(CREATOR);
    makes(model, [
      ...TWO,
      { task: 'sub', stream: -1, variables: {} },
      { task: 'sub', stream: 1, variables: {} },
      { task: 'no', stream: 0, variables: {} },
    ]);
    assert.deepEqual([...(model.streams.get(0)?.substreams.get('sub')?.keys() ?? [])], [0, 1, 2]);
    assert.deepEqual(
      model.notes.map((note) => note.replace(/ \(\d+\)/, '')),
      [
        't.make wants substream 1 of sub, which is there already',
        't.make wants a substream of no, which is no subtask of its task',
      ],
    );
  });

  it('are waited for level by level', () => {
    const model =
      begun(`<process name="make"><job executable="m"/>${dependsOn('')}<createsSubtasks><subtask>sub</subtask></createsSubtasks></process>
${job('end', 'sub.deep.z')}
<task name="sub" type="LSST"><process name="more"><job executable="m"/><createsSubtasks><subtask>deep</subtask></createsSubtasks></process>
<task name="deep" type="LSST">${job('z')}</task></task>`);
    makes(model, TWO.slice(0, 1));
    assert.equal(at(model, 'end').state, 'WAITING');
    happens(model, 'queued sub.more 0.0', 'submitted sub.more 0.0');
    const { key } = at(model, 'sub.more 0.0');
    model.apply({
      type: 'ended',
      at: 3,
      key,
      exitCode: 0,
      host: null,
      startTime: null,
      endTime: null,
      variables: {},
      substreams: [{ task: 'deep', stream: 7, variables: {} }],
    });
    assert.equal(at(model, 'end').state, 'WAITING');
    runs(model, 'sub.deep.z 0.0.7');
    assert.equal(at(model, 'end').state, 'READY');
  });
});

describe('a rollback', () => {
  it('runs what failed and what waited for it once more', () => {
    const model = begun(job('a') + job('b', 'a') + job('c', 'b') + job('d'));
    runs(model, 'a');
    runs(model, 'b', 1);
    runs(model, 'd');
    assert.equal(states(model), 'a SUCCESS, b FAILED, c SKIPPED, d SUCCESS');
    assert.equal(rollBackProblem(model, [at(model, 'b').key]), undefined);
    happens(model, 'rollback b');
    assert.equal(states(model), 'a SUCCESS, b READY, c WAITING, d SUCCESS');
    runs(model, 'b');
    runs(model, 'c');
    assert.deepEqual([at(model, 'b').execution, at(model, 'c').execution], [2, 2]);
    assert.equal(states(model), 'a SUCCESS, b SUCCESS, c SUCCESS, d SUCCESS');
  });

  it('of a creator takes its substreams back', () => {
    const model = begun(CREATOR);
    makes(model, TWO);
    assert.match(rollBackProblem(model, [at(model, 'make').key]) ?? '', /t\.sub\.x \(\d+\) is READY/);
    for (const stream of ['0.0', '0.1']) {
      runs(model, `sub.x ${stream}`);
      runs(model, `sub.y ${stream}`);
    }
    runs(model, 'end');
    runs(model, 'always');
    const old = at(model, 'sub.x 0.0').key;
    happens(model, 'rollback make');
    assert.equal(states(model), 'make READY, end WAITING, always WAITING');
    makes(model, TWO.slice(0, 1));
    assert.equal(states(model), 'make SUCCESS, end WAITING, always WAITING, x READY, y WAITING');
    assert.match(rollBackProblem(model, [old]) ?? '', /not the latest/);
    assert.match(rollBackProblem(model, [1]) ?? '', /no process instance 1/);
  });
});

describe('variables', () => {
  it('are seen from the nearest place out, and worked out for each process instance', () => {
    const model = begun(
      `<variables><var name="A">\${B}-\${pipeline.stream}</var><var name="B">task</var><var name="LOOP">\${LOOP}</var></variables>
<process name="make"><variables><var name="B">own</var></variables><job executable="m"/><createsSubtasks><subtask>sub</subtask></createsSubtasks></process>
<process name="end"><job executable="m"/>${dependsOn('sub.x')}</process>
<task name="sub" type="LSST"><variables><var name="C">\${format(pipeline.stream, "%03d")} \${MADE} \${S}</var></variables>${job('x')}</task>`,
      { B: 'given' },
    );
    const of = (path: string): Readonly<Record<string, string>> =>
      Object.fromEntries(variablesFor(model.file, at(model, path)));
    assert.deepEqual(of('make'), { FILE: 'f', A: 'own-0', B: 'own', LOOP: '${LOOP}' });
    makes(model, TWO);
    assert.deepEqual(of('sub.x 0.1'), {
      FILE: 'f',
      A: 'given-1',
      B: 'given',
      LOOP: '${LOOP}',
      MADE: 'yes',
      S: 's1',
      C: '001 yes s1',
    });
    assert.equal(of('end').MADE, 'yes');
    assert.equal(of('end').S, undefined);
  });
});
