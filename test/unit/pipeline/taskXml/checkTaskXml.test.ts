import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { checkTaskXml } from '../../../../src/pipeline/taskXml/checkTaskXml.ts';
import type { Process } from '../../../../src/pipeline/taskXml/model.ts';

const HEAD = '<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline">';
const JOB = '<job executable="hello"/>';

/** A file with one task, whose first inner line is the second. */
function taskOf(inner: string): string {
  return `${HEAD}<task name="t" type="LSST">\n${inner}\n</task></pipeline>`;
}

/** `line:column severity code` of each problem. */
function found(text: string): readonly string[] {
  return checkTaskXml(text).problems.map(
    ({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`,
  );
}

function processNamed(processes: readonly Process[] | undefined, name: string): Process {
  const process = processes?.find((candidate) => candidate.name === name);
  assert.ok(process, name);
  return process;
}

describe('a task file', () => {
  it('is read with all that it says', async () => {
    const text = await readFile(new URL('../../../fixtures/samples/task_demo.xml', import.meta.url), 'utf8');
    const { model, problems } = checkTaskXml(text);
    assert.deepEqual(problems, []);
    const [task] = model?.tasks ?? [];
    assert.equal(task?.name, 'DESC-demo-visit');
    assert.deepEqual(task.variables.at(-1)?.value, '${SITE=="PANDA" ? " " : " -c 2 "}');
    assert.deepEqual(task.prerequisites, [{ name: 'VISIT', type: 'integer' }]);
    const launch = processNamed(task.processes, 'launch-jy');
    assert.deepEqual(
      launch.createsSubtasks.map(({ name }) => name),
      ['singleSensor'],
    );
    assert.ok(launch.run.kind === 'script');
    assert.match(launch.run.text, /pipeline\.createSubstream\("singleSensor", i, v\)/);
    const visit = processNamed(task.processes, 'processVisit');
    assert.equal(visit.autoRetryMaxAttempts, '2');
    assert.deepEqual(
      visit.after.map(({ process, status }) => [process, status]),
      [['singleSensor.register-jy', 'SUCCESS']],
    );
    assert.ok(visit.run.kind === 'job');
    assert.equal(visit.run.executable, '${CONFIG}/processVisit.sh');
    assert.equal(visit.run.attributes.get('maxCPU'), '7200');
    assert.deepEqual(
      task.tasks.map(({ name, version, processes }) => [name, version, processes.length]),
      [['singleSensor', '1.0', 2]],
    );
  });

  it('is told what is wrong with its dependencies, and where', () => {
    const text = taskOf(`<process name="a">${JOB}<depends>
<after process="b"/>
<after process="setp"/><after process="c" status="SUCESS"/><after process="c" status="RUNNING"/>
</depends></process>
<process name="b">${JOB}<depends><after process="a"/></depends></process>
<process name="c">${JOB}<depends><before process="b"/><before process="sub.x"/></depends></process>
<process name="setup">${JOB}<depends><after process="sub.x"/></depends></process>
<task name="sub" type="LSST"><process name="x">${JOB}</process></task>`);
    assert.deepEqual(found(text), [
      '2:10 error dependency-circle',
      '4:8 error process-unknown',
      '4:31 error status-unknown',
      '4:67 warning status-passing',
      '7:82 error process-unknown',
      '8:64 warning dependency-never',
      '9:7 warning no-creator',
    ]);
    const messages = checkTaskXml(text).problems.map(({ message }) => message);
    assert.equal(messages[0], 'Processes wait for each other: a before b before a');
    assert.equal(messages[1], 'Task t has no process setp; setup may be meant');
    assert.equal(messages[2], 'There is no state SUCESS; SUCCESS may be meant');
  });

  it('takes a circle through substreams for one', () => {
    const text = taskOf(`<process name="make">${JOB}<depends><after process="end"/></depends>
<createsSubtasks><subtask>sub</subtask></createsSubtasks></process>
<process name="end">${JOB}<depends><after process="sub.x"/></depends></process>
<task name="sub" type="LSST"><process name="x">${JOB}</process></task>`);
    assert.deepEqual(found(text), ['2:10 error dependency-circle']);
  });

  it('is told of a process with more than one thing to run', () => {
    const text = taskOf(`<process name="p">${JOB}<script>print 1</script></process>
<process name="q"><script>print 1</script>${JOB}</process>
<process name="r">${JOB}${JOB}</process>`);
    assert.deepEqual(found(text), [
      '2:45 error two-commands',
      '3:44 error two-commands',
      '4:45 error two-commands',
    ]);
    assert.match(checkTaskXml(text).problems[0]?.message ?? '', /this one has a job before$/);
  });

  it('is told what is missing, strange, twice or too long', () => {
    const long = 'p'.repeat(31);
    const text = taskOf(`<variables><var name="A">1</var><var name="A">2</var></variables>
<process name="p" sight="x">${JOB}</process>
<process name="p"><job/></process>
<process><script language="perl">1</script></process>
<process name="${long}"><job executable="x" maxCPU="1h"/><notation>late</notation></process>
<proces name="q"/>
stray
<process name="r">${JOB}<createsSubtasks><subtask>suv</subtask></createsSubtasks></process>
<task name="sub" type="LSST"></task>`);
    assert.deepEqual(found(text), [
      '1:67 warning stray-text',
      '2:38 warning variable-twice',
      '3:19 warning attribute-unknown',
      '4:10 error process-twice',
      '4:20 error no-command',
      '5:2 error attribute-missing',
      '5:11 error script-language',
      '6:10 error name-too-long',
      '6:50 error number',
      '6:83 warning element-order',
      '7:2 warning element-unknown',
      '9:62 error subtask-unknown',
      '10:7 warning no-creator',
      '10:7 error no-process',
    ]);
  });

  it('is told of expressions that are not understood, and once of names that are declared nowhere', () => {
    const text = taskOf(`<variables><var name="A">\${B}</var><var name="C">\${A |}</var></variables>
<prerequisites><prerequisite name="D" type="integer"/></prerequisites>
<process name="p"><job executable="\${D}/\${B}/\${E}" maxCPU="\${A}">
<environment><var name="F">\${pipeline.stream}</var></environment></job></process>`);
    assert.deepEqual(found(text), [
      '2:17 information variable-undeclared',
      '2:41 warning expression',
      '4:20 information variable-undeclared',
    ]);
  });

  it('is refused where it is none', () => {
    assert.deepEqual(found(''), ['1:1 error xml']);
    assert.deepEqual(found('<pipelines/>'), ['1:2 error not-a-task']);
    assert.deepEqual(found('<pipeline/>'), ['1:2 error namespace', '1:2 error no-task']);
    assert.deepEqual(found(`${HEAD}\n<task name="a"\n></pipeline>`), ['3:12 error xml']);
    assert.equal(checkTaskXml(`${HEAD}<task`).model, undefined);
  });

  it('brings in nothing from outside, and is bounded', () => {
    const entity = `<!DOCTYPE pipeline [<!ENTITY x SYSTEM "file:///etc/passwd">]>${HEAD}<task name="&x;" type="a"/></pipeline>`;
    assert.match(checkTaskXml(entity).problems[0]?.message ?? '', /undefined entity/);
    const deep = '<task>'.repeat(100_000);
    assert.deepEqual(found(HEAD + deep).filter((line) => line.endsWith('too-large')).length, 1);
    assert.deepEqual(found(' '.repeat(4 * 1024 * 1024 + 1)), ['1:undefined error too-large']);
  });

  it('never throws, whatever it holds', () => {
    const bit = fc.constantFrom(
      '<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline">',
      '</pipeline>',
      '<task name="a" type="b">',
      '</task>',
      '<process name="a">',
      '</process>',
      '<depends><after process="a"/></depends>',
      '<job executable="${a}"/>',
      '<script>',
      '<![CDATA[',
      ']]>',
      '&',
      '<',
      '"',
      'x',
      '\r\n',
      '☃',
      '𝒳',
    );
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 30 }), (bits) => {
        const text = bits.join('');
        const lines = text.split('\n');
        for (const { line, column = 1 } of checkTaskXml(text).problems) {
          assert.ok(line >= 1 && line <= lines.length);
          assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of a hundred processes is checked quickly', () => {
    const processes = Array.from(
      { length: 100 },
      (_, index) =>
        `<process name="p${index}">${JOB}<depends><after process="p${Math.max(index - 1, 0)}x"/></depends></process>`,
    );
    const begun = process.cpuUsage();
    assert.equal(checkTaskXml(taskOf(processes.join('\n'))).problems.length, 100);
    assert.ok(process.cpuUsage(begun).user < 2_000_000);
  });
});
