import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmulator } from '../../../../src/pipeline/emulator/emulator.ts';
import type { Emulator, EmulatorOptions } from '../../../../src/pipeline/emulator/emulator.ts';
import { EmulatorError } from '../../../../src/pipeline/emulator/emulatorError.ts';
import type {
  InstanceSnapshot,
  PipelineSnapshot,
  StreamSnapshot,
} from '../../../../src/pipeline/emulator/snapshot.ts';
import { systemClock } from '../../../../src/watch/index.ts';
import { endMail, instanceOf, processOf, ScriptedDaemon, sendMail, startMail } from './scriptedDaemon.ts';
import { dependsOn, job } from './tasks.ts';

const XML = `<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline"><task name="t" type="LSST">
<variables><var name="ROOT">/data</var></variables>
<process name="setup"><job maxCPU="600" maxMemory="2000" batchOptions="-q \${QUEUE}" executable="\${ROOT}/setup.sh \${pipeline.stream}"/></process>
<process name="launch-jy"><script><![CDATA[
for i, s in enumerate(pipeline.getProcessInstance("setup").getVariable("SENSORS").split(",")):
    v = HashMap()
    v.put("SENSOR", s)
    pipeline.createSubstream("sensor", i, v)
]]></script>${dependsOn('setup')}<createsSubtasks><subtask>sensor</subtask></createsSubtasks></process>
<process name="end"><job>echo "\${HOME}"</job>${dependsOn('sensor.trace')}</process>
<task name="sensor" type="LSST">${job('trace')}</task></task></pipeline>`;

const refused = (why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof EmulatorError, String(error));
  assert.match(error.message, why);
  return true;
};

function* instances(streams: readonly StreamSnapshot[]): Generator<InstanceSnapshot & { path: string }> {
  for (const stream of streams) {
    for (const instance of stream.instances) yield { ...instance, path: stream.path };
    yield* instances(stream.substreams);
  }
}

function summary({ streams }: PipelineSnapshot): string {
  return [...instances(streams)].map(({ process, path, state }) => `${process} ${path} ${state}`).join(', ');
}

describe('the emulated pipeline', () => {
  let folder: string;
  let daemon: ScriptedDaemon;
  let emulator: Emulator | undefined;
  let stop: AbortController;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulator-'));
    daemon = new ScriptedDaemon();
    stop = new AbortController();
  });

  afterEach(async () => {
    stop.abort();
    await emulator?.close();
    emulator = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  async function open(options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
    emulator = await openEmulator({
      xml: XML,
      folder,
      streams: [1],
      variables: { QUEUE: 'long' },
      smtpPort: 0,
      maxJobs: 10,
      pollMs: 10,
      lostMs: 30,
      clock: systemClock,
      ...options,
    });
    return emulator;
  }

  /** Every job starts and ends at once, by real mails. */
  function answersBy(port: number, codeOf: (name: string) => number = () => 0): void {
    daemon.onSubmit = (_id, submitted) => {
      const key = instanceOf(submitted);
      const name = processOf(submitted);
      const variables = new Map(name === 'setup' ? [['SENSORS', 'R22_S10,R22_S11']] : []);
      void (async () => {
        await sendMail(port, startMail(key));
        await sendMail(port, endMail(key, codeOf(name), { variables }));
      })();
    };
  }

  /** Until something is so; every change is looked at. */
  async function until(is: (snapshot: PipelineSnapshot) => boolean): Promise<void> {
    const opened = emulator;
    assert.ok(opened);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (is(opened.snapshot())) resolve(undefined);
    };
    const listening = opened.onChange(look);
    look();
    await promise;
    listening.dispose();
  }

  it('brings streams with substreams to their end by mails', async () => {
    const opened = await open({ streams: [1, 2] });
    answersBy(opened.smtpPort);
    const end = await opened.run(daemon, stop.signal);
    assert.equal(
      summary(end),
      [1, 2]
        .map((stream) =>
          [
            `setup ${stream} SUCCESS`,
            `launch-jy ${stream} SUCCESS`,
            `end ${stream} SUCCESS`,
            `trace ${stream}.0 SUCCESS`,
            `trace ${stream}.1 SUCCESS`,
          ].join(', '),
        )
        .join(', '),
    );
    assert.deepEqual(end.mails, { started: 8, ended: 8, repeated: 0, refused: 0 });
    assert.deepEqual(end.counts, { SUCCESS: 10 });
    assert.equal(daemon.submissions, 8);
    assert.deepEqual(
      end.streams.map(({ state }) => state),
      ['SUCCESS', 'SUCCESS'],
    );
  });

  it('asks for jobs as the server does', async () => {
    const opened = await open();
    answersBy(opened.smtpPort);
    await opened.run(daemon, stop.signal);
    const jobs = [...daemon.jobs.values()].map((entry) => entry.job);
    const setup = jobs.find((entry) => processOf(entry) === 'setup');
    assert.ok(setup);
    assert.equal(setup.command, '/data/setup.sh 1');
    assert.equal(setup.maxCPU, 600);
    assert.equal(setup.maxMemory, 2000 * 1024);
    assert.equal(setup.extraOptions, '-q long');
    assert.equal(setup.workingDirectory, join(folder, 'work', 't', 'setup', '1'));
    assert.equal(setup.env.get('ROOT'), '/data');
    assert.equal(setup.env.get('PIPELINE_STREAM'), '1');
    assert.match(setup.files.get('pipeline_spid') ?? '', /^\d+:\d+\n$/);
    const trace = jobs.find((entry) => entry.env.get('SENSOR') === 'R22_S11');
    assert.equal(trace?.env.get('PIPELINE_STREAMPATH'), '1.1');
    assert.equal(trace.env.get('PIPELINE_TASKPATH'), 't.sensor');
    const end = jobs.find((entry) => processOf(entry) === 'end');
    assert.equal(end?.command, 'bash pipeline_wrapper');
    assert.equal(end.files.get('pipeline_wrapper'), 'echo "${HOME}"\n');
  });

  it('takes an amount of memory that no machine has in MB for one in kB', async () => {
    const opened = await open({ xml: XML.replace('maxMemory="2000"', 'maxMemory="7000000"') });
    answersBy(opened.smtpPort);
    await opened.run(daemon, stop.signal);
    const setup = [...daemon.jobs.values()].find((entry) => processOf(entry.job) === 'setup');
    assert.equal(setup?.job.maxMemory, 7_000_000);
  });

  it('ends jobs that fail, are refused or get lost in their states', async () => {
    const inner = ['good', 'bad', 'odd', 'lost', 'gone'].map((name) => job(name)).join('');
    const opened = await open({
      xml: `<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline"><task name="t" type="LSST">${inner}</task></pipeline>`,
    });
    answersBy(opened.smtpPort, (name) => (name === 'bad' ? 3 : 0));
    const answers = daemon.onSubmit;
    daemon.refuse = /odd/;
    daemon.onSubmit = (id, submitted) => {
      const name = processOf(submitted);
      if (name !== 'lost' && name !== 'gone') answers(id, submitted);
      const entry = daemon.jobs.get(id);
      if (entry !== undefined) entry.status = name === 'lost' ? 'FAILED' : name === 'gone' ? null : 'RUNNING';
    };
    const end = await opened.run(daemon, stop.signal);
    const found = [...instances(end.streams)].map(({ process, state, exitCode, message }) => [
      process,
      state,
      exitCode,
      message,
    ]);
    assert.deepEqual(found, [
      ['good', 'SUCCESS', 0, null],
      ['bad', 'FAILED', 3, null],
      ['odd', 'FAILED', null, 'not today'],
      ['lost', 'TERMINATED', null, 'Its job ended as FAILED, and no mail said so: so it is'],
      ['gone', 'TERMINATED', null, 'The daemon does not know its job, and no mail said that it ended'],
    ]);
  });

  it('has no more jobs at a time than it may', async () => {
    const opened = await open({ maxJobs: 2, streams: [1, 2, 3, 4, 5, 6] });
    let most = 0;
    opened.onChange(() => {
      const { QUEUED = 0, SUBMITTED = 0, RUNNING = 0 } = opened.snapshot().counts;
      most = Math.max(most, QUEUED + SUBMITTED + RUNNING);
    });
    answersBy(opened.smtpPort);
    await opened.run(daemon, stop.signal);
    assert.equal(most, 2);
  });

  it('submits once more where the answer was lost, and knows that it is the same job', async () => {
    const opened = await open();
    answersBy(opened.smtpPort);
    daemon.loseAnswers = 1;
    const end = await opened.run(daemon, stop.signal);
    assert.deepEqual(end.counts, { SUCCESS: 5 });
    assert.equal(daemon.jobs.size, 4);
    assert.equal(opened.trouble(), undefined);
  });

  it('goes on where it was killed, with mails that come later, and doubles nothing', async () => {
    const first = await open();
    const running = first.run(daemon, stop.signal);
    await until(({ counts }) => counts.SUBMITTED === 1);
    stop.abort();
    await assert.rejects(running);
    const [[id, entry] = ['', undefined]] = daemon.jobs;
    assert.ok(entry);
    const port = first.smtpPort;
    await first.close();
    // What a kill leaves of a line that was being written.
    await appendFile(join(folder, 'journal.jsonl'), '{"type":"ended","at":1');
    stop = new AbortController();
    const second = await open();
    assert.ok(second.resumed);
    assert.equal(second.smtpPort, port);
    answersBy(port);
    daemon.onSubmit(id, entry.job);
    const end = await second.run(daemon, stop.signal);
    assert.deepEqual(end.counts, { SUCCESS: 5 });
    assert.equal(daemon.jobs.size, 4);
    assert.equal(daemon.submissions, 4);
  });

  it('submits what it was about to submit when it was killed, by the same number', async () => {
    const first = await open();
    daemon.loseAnswers = 1;
    const running = first.run(daemon, stop.signal);
    await until(() => daemon.submissions === 1 && first.trouble() !== undefined);
    stop.abort();
    await assert.rejects(running);
    await first.close();
    stop = new AbortController();
    const second = await open();
    const [[id, entry] = ['', undefined]] = daemon.jobs;
    assert.ok(entry);
    answersBy(second.smtpPort);
    daemon.onSubmit(id, entry.job);
    assert.deepEqual((await second.run(daemon, stop.signal)).counts, { SUCCESS: 5 });
    assert.equal(daemon.jobs.size, 4);
  });

  it('cancels what has not ended', async () => {
    const opened = await open();
    const running = opened.run(daemon, stop.signal);
    await until(({ counts }) => counts.SUBMITTED === 1);
    await opened.cancel();
    const [id = ''] = daemon.jobs.keys();
    await until(() => daemon.cancelled.includes(id));
    const entry = daemon.jobs.get(id);
    assert.ok(entry);
    entry.status = 'FAILED';
    assert.equal(summary(await running), 'setup 1 CANCELED, launch-jy 1 CANCELED, end 1 CANCELED');
  });

  it('cancels a stream and rolls back another while the run goes on', async () => {
    const opened = await open({ streams: [1, 2] });
    answersBy(opened.smtpPort);
    const answered = daemon.onSubmit;
    daemon.onSubmit = (id, submitted) => {
      const failsFirst = processOf(submitted) === 'setup' && submitted.archiveOldWorkingDir === null;
      if (submitted.env.get('PIPELINE_STREAM') === '2' && processOf(submitted) === 'setup') return;
      if (!failsFirst) answered(id, submitted);
      else void sendMail(opened.smtpPort, endMail(instanceOf(submitted), 1));
    };
    const running = opened.run(daemon, stop.signal);
    await until(({ counts }) => counts.FAILED === 1 && counts.SUBMITTED === 1);
    const [first, second] = opened.snapshot().streams;
    const failed = first?.instances.find(({ state }) => state === 'FAILED');
    await opened.rollBack([failed?.key ?? 0]);
    await until(({ streams }) => streams[0]?.state === 'SUCCESS');
    assert.equal(opened.snapshot().streams[0]?.instances[0]?.execution, 2);
    await opened.cancel(second?.instances.map(({ key }) => key));
    const waiting = [...daemon.jobs].find(([, { job: one }]) => one.env.get('PIPELINE_STREAM') === '2');
    assert.ok(waiting);
    await until(() => daemon.cancelled.includes(waiting[0]));
    waiting[1].status = 'FAILED';
    assert.deepEqual(
      (await running).streams.map(({ state }) => state),
      ['SUCCESS', 'CANCELED'],
    );
  });

  it('rolls back what failed, and keeps what did not', async () => {
    const first = await open();
    answersBy(first.smtpPort, (name) => (name === 'trace' ? 1 : 0));
    assert.deepEqual((await first.run(daemon, stop.signal)).counts, { SUCCESS: 2, FAILED: 2, SKIPPED: 1 });
    await first.close();
    const second = await open();
    await second.rollBack();
    answersBy(second.smtpPort);
    const end = await second.run(daemon, stop.signal);
    assert.deepEqual(end.counts, { SUCCESS: 5 });
    assert.deepEqual(
      [...instances(end.streams)].map(({ execution }) => execution),
      [1, 1, 2, 2, 2],
    );
    const again = [...daemon.jobs.values()].filter((entry) => entry.job.archiveOldWorkingDir === '1');
    assert.deepEqual(
      again.map((entry) => processOf(entry.job)),
      ['trace', 'trace', 'end'],
    );
  });

  it('runs HelloPanda in place of the jobs where they are simulated', async () => {
    const opened = await open({ simulated: { jobTime: 10, sigma: 2, failureRate: 0 }, streams: [1, 2, 3] });
    answersBy(opened.smtpPort);
    await opened.run(daemon, stop.signal);
    const commands = [...daemon.jobs.values()].map((entry) => entry.job.command ?? '');
    assert.ok(commands.every((command) => /^hello -- --seconds \d+ --code 0$/.test(command)));
    assert.ok(new Set(commands).size > 1);
    assert.ok(commands.every((command) => Number(command.split(' ')[3]) < 30));
    const limits = [...daemon.jobs.values()].flatMap(({ job: { maxCPU, maxMemory } }) => [maxCPU, maxMemory]);
    assert.deepEqual([...new Set(limits)], [0]);
  });

  it('fails a script that is more than it runs, or makes so many substreams instead', async () => {
    const xml = XML.replace(/<!\[CDATA\[[^]*?\]\]>/, 'execfile("x.jy")');
    const first = await open({ xml });
    answersBy(first.smtpPort);
    assert.equal(
      summary(await first.run(daemon, stop.signal)),
      'setup 1 SUCCESS, launch-jy 1 FAILED, end 1 SKIPPED',
    );
    await first.close();
    const second = await open({ xml, substreams: 3 });
    await second.rollBack();
    answersBy(second.smtpPort);
    const end = await second.run(daemon, stop.signal);
    assert.deepEqual(end.counts, { SUCCESS: 6 });
    const message = [...instances(end.streams)].find(({ process }) => process === 'launch-jy')?.message;
    assert.equal(
      message,
      'The script stopped at line 1: execfile is not known to the emulator; 3 substreams were made instead',
    );
  });

  it('refuses mails that are not its own, and counts them', async () => {
    const opened = await open();
    assert.match(await sendMail(opened.smtpPort, startMail('17')), /^554 there is no process instance 17/);
    assert.match(
      await sendMail(opened.smtpPort, 'Subject: Hello\r\n\r\nhow are you'),
      /^554 its subject is not/,
    );
    assert.equal(opened.snapshot().mails.refused, 2);
  });

  it('takes the mails of a process instance once', async () => {
    const opened = await open();
    const { key } = opened.snapshot().streams[0]?.instances[0] ?? { key: 0 };
    const mail = endMail(String(key), 0);
    const start = startMail(String(key));
    for (const one of [start, start, mail, mail, start]) {
      assert.match(await sendMail(opened.smtpPort, one), /^250 /);
    }
    const journal = await readFile(join(folder, 'journal.jsonl'), 'utf8');
    assert.deepEqual(
      ['started', 'ended', 'repeated'].map((type) => journal.split(`"type":"${type}"`).length - 1),
      [1, 1, 3],
    );
    const mails = { started: 1, ended: 1, repeated: 3, refused: 0 };
    assert.deepEqual(opened.snapshot().mails, mails);
    await opened.close();
    // They are known when the run goes on.
    const again = await open();
    assert.deepEqual(again.snapshot().mails, mails);
    assert.deepEqual(again.snapshot().streams[0]?.instances[0]?.mails, {
      start: true,
      end: true,
      repeated: 3,
    });
  });

  it('says what keeps it from beginning', async () => {
    await assert.rejects(open({ xml: '<pipeline/>' }), refused(/cannot be run: line 1: /));
    await assert.rejects(open({ task: 'nix' }), refused(/no task nix/));
    const wants = '</variables><prerequisites><prerequisite name="VISIT"/></prerequisites>';
    await assert.rejects(open({ xml: XML.replace('</variables>', wants) }), refused(/to be given VISIT/));
    const first = await open();
    await assert.rejects(open(), refused(new RegExp(`at port ${first.smtpPort} \\(EADDRINUSE\\)`)));
    emulator = first;
    await first.close();
    await assert.rejects(open({ xml: XML.replace('600', '700') }), refused(/another version of its file/));
    await writeFile(join(folder, 'journal.jsonl'), 'hello\n');
    await assert.rejects(open(), refused(/is not the journal of/));
    emulator = undefined;
  });
});
