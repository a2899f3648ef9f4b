import assert from 'node:assert/strict';
import { JobPanel } from '../../../src/editor/panel/jobPanel.ts';
import type { HostMessage } from '../../../src/editor/panel/messages.ts';
import type { JobRecord } from '../../../src/panda/index.ts';
import { createLogTail } from '../../../src/watch/index.ts';
import { FakeClock } from '../watch/fakeClock.ts';
import { type MadeUp, madeUpSession, text } from './madeUpSession.ts';
import { recorded } from './recordedJobs.ts';

const pilot = { pilotID: 'http://storage/1/pilotlog.txt|sandbox|PR|1' };

function panelOn(given: MadeUp & { readonly pandaId?: number; readonly profileOfState?: string }) {
  const clock = new FakeClock();
  if (given.record?.modificationTime != null) clock.wallTime = given.record.modificationTime + 1000;
  const session = madeUpSession(given);
  const sent: HostMessage[] = [];
  const acts: string[] = [];
  const noted: unknown[] = [];
  const panel = new JobPanel(
    {
      sessions: session,
      clock,
      openTail: (source, file) => createLogTail(source, file, { clock, random: () => 0 }),
      act: (action, pandaId) => acts.push(`${action} ${pandaId}`),
      openLog: (pandaId, file) => acts.push(`openLog ${pandaId} ${file}`),
      openFile: (pandaId, name) => acts.push(`openFile ${pandaId} ${name}`),
      openJob: (pandaId) => acts.push(`openJob ${pandaId}`),
      copy: (copied) => acts.push(`copy ${copied}`),
      note: (error) => noted.push(error),
    },
    { post: (message) => sent.push(message), setTitle: () => undefined },
    given.pandaId ?? given.record?.PandaID ?? 1,
    given.profileOfState,
  );
  const last = <T extends HostMessage['type']>(type: T) =>
    sent.findLast((message): message is Extract<HostMessage, { type: T }> => message.type === type);
  const word = (): string | undefined => last('job')?.view.state.word;
  return { panel, session, clock, sent, acts, noted, last, word };
}

/** All that does not need time happens. */
const settle = (clock: FakeClock) => clock.pass(0);

describe('the host of a job page', () => {
  it('says nothing until the page is ready, then all that is known', async () => {
    const { panel, sent, clock, word } = panelOn({ record: recorded.finished() });
    panel.refresh();
    await settle(clock);
    assert.deepEqual(sent, []);
    panel.receive({ type: 'ready' });
    await settle(clock);
    assert.equal(word(), 'finished');
    assert.deepEqual(sent.map(({ type }) => type).sort(), ['job']);
  });

  it('tells a page that comes back everything anew', async () => {
    const { panel, sent, clock, word } = panelOn({ record: recorded.finished() });
    panel.receive({ type: 'ready' });
    await settle(clock);
    panel.setVisible(false);
    sent.length = 0;
    panel.setVisible(true);
    panel.receive({ type: 'ready' });
    await settle(clock);
    assert.equal(word(), 'finished');
  });

  it('hears of a change from the store, and asks for the details once', async () => {
    const record = recorded.running();
    const { panel, session, clock, word } = panelOn({ record });
    panel.receive({ type: 'ready' });
    await settle(clock);
    const asked = session.asked;
    session.setRecord({ ...recorded.finished(), PandaID: record.PandaID });
    await settle(clock);
    assert.equal(word(), 'finished');
    assert.equal(session.asked, asked + 1);
  });

  it('does not ask for a job that is over, nor while hidden', async () => {
    const { panel, session, clock } = panelOn({ record: recorded.finished() });
    panel.receive({ type: 'ready' });
    await settle(clock);
    const asked = session.asked;
    await clock.pass(600_000);
    assert.equal(session.asked, asked);
    const running = panelOn({ record: recorded.running() });
    running.panel.receive({ type: 'ready' });
    await settle(running.clock);
    running.panel.setVisible(false);
    const before = running.session.asked;
    await running.clock.pass(600_000);
    assert.equal(running.session.asked, before);
    assert.equal(running.clock.timers, 0);
  });

  it('asks for a running job by itself now and then, and lets its texts go with the time', async () => {
    const record = recorded.running();
    const { panel, session, clock, last } = panelOn({ record });
    panel.receive({ type: 'ready' });
    await settle(clock);
    const length = (): number | undefined => last('job')?.view.timeline.segments.at(-1)?.length;
    const begun = length() ?? 0;
    await clock.pass(5000);
    assert.equal(length(), begun + 5000);
    const asked = session.asked;
    await clock.pass(20_000);
    assert.equal(session.asked, asked + 1);
  });

  it('asks the monitor for the states a job went through once for each state, and again where it failed', async () => {
    const record = recorded.running();
    const { panel, session, clock } = panelOn({ record });
    panel.receive({ type: 'ready' });
    await settle(clock);
    for (let round = 0; round < 3; round += 1) {
      panel.refresh();
      await settle(clock);
    }
    assert.equal(session.asked, 4);
    assert.equal(session.askedMonitor.history, 1);
    session.setRecord({ ...recorded.finished(), PandaID: record.PandaID });
    await settle(clock);
    assert.equal(session.askedMonitor.history, 2);
    const ill = panelOn({ record, history: new Error('the monitor is away') });
    ill.panel.receive({ type: 'ready' });
    await settle(ill.clock);
    ill.panel.refresh();
    await settle(ill.clock);
    assert.equal(ill.session.askedMonitor.history, 2);
  });

  it('takes words for errors that we have none for from the monitor, asked once', async () => {
    const description = 'The rack was moved';
    const known = { component: 'pilot', code: 9876, acronym: 'MOVED', description, category: null };
    const record = { ...recorded.failed(), transExitCode: null, exeErrorCode: 0, pilotErrorCode: 9876 };
    const { panel, session, clock, last } = panelOn({ record, descriptions: [known] });
    panel.receive({ type: 'ready' });
    await settle(clock);
    panel.refresh();
    await settle(clock);
    const { failure } = last('job')?.view ?? {};
    assert.deepEqual([failure?.code, failure?.title], ['pilot:9876', description]);
    assert.equal(session.askedMonitor.descriptions, 1);
    const away = new Error('the monitor is away');
    const ill = panelOn({ record, descriptions: away });
    ill.panel.receive({ type: 'ready' });
    await settle(ill.clock);
    assert.equal(ill.last('job')?.view.failure?.title, 'The pilot reported an error');
    assert.ok(ill.noted.includes(away));
  });

  it('looks into the tarball of the log once the job has ended and somebody looks at its files', async () => {
    const record = recorded.running();
    const { panel, session, clock, last } = panelOn({ record, members: ['pilotlog.txt'] });
    const names = () => last('job')?.view.files.map(({ name }) => name) ?? [];
    panel.receive({ type: 'ready' });
    panel.receive({ type: 'watchFiles' });
    await settle(clock);
    assert.equal(session.listed, 0);
    session.setRecord({ ...recorded.finished(), PandaID: record.PandaID });
    await settle(clock);
    assert.ok(names().includes('1.log/pilotlog.txt'));
    panel.refresh();
    await settle(clock);
    assert.equal(session.listed, 1);
    assert.ok(names().includes('1.log/pilotlog.txt'));
    const away = new Error('the store is away');
    const other = panelOn({ record: recorded.finished(), members: away });
    other.panel.receive({ type: 'ready' });
    await settle(other.clock);
    assert.equal(other.session.listed, 0);
    other.panel.receive({ type: 'watchFiles' });
    await settle(other.clock);
    assert.deepEqual(other.noted, [away]);
    // The server's answer is another object each time.
    other.session.setRecord(recorded.finished());
    other.panel.refresh();
    await settle(other.clock);
    assert.equal(other.session.listed, 2);
  });

  it('shows a cancel that was asked for at once', async () => {
    const record = recorded.running();
    const { panel, session, clock, word } = panelOn({ record });
    panel.receive({ type: 'ready' });
    await settle(clock);
    session.store.apply([{ pandaId: record.PandaID, cancelRequested: true }]);
    await settle(clock);
    assert.equal(word(), 'cancel requested');
  });

  it('says why there is nothing to show', async () => {
    const { panel, session, clock, last } = panelOn({ record: null, pandaId: 12 });
    const trouble = () => last('trouble')?.message;
    panel.receive({ type: 'ready' });
    await settle(clock);
    assert.equal(trouble(), 'Could not show job 12: sandbox knows no such job.');
    for (const [kind, words] of [
      ['restricted', /restricted workspace/],
      ['sandboxStopped', /sandbox does not run/],
      ['opening', /Connecting/],
    ] as const) {
      session.setState({ kind });
      await settle(clock);
      assert.match(trouble() ?? '', words);
    }
    session.setState({ kind: 'unusable', error: new Error('no server is named') });
    await settle(clock);
    assert.match(trouble() ?? '', /no server is named/);
  });

  it('does not show a job of another profile under the same id', async () => {
    const { panel, clock, last, word } = panelOn({ record: recorded.finished(), profileOfState: 'usdf' });
    panel.receive({ type: 'ready' });
    await settle(clock);
    assert.match(last('trouble')?.message ?? '', /belongs to profile usdf; the one in use is sandbox/);
    assert.equal(word(), undefined);
  });

  it('notes messages that are none of ours, and does nothing', async () => {
    const { panel, acts, noted } = panelOn({ record: recorded.finished() });
    panel.receive({ type: 'do', action: 'format' });
    panel.receive('ready');
    assert.deepEqual(acts, []);
    assert.equal(noted.length, 2);
  });

  it('hands actions on with the PandaID', async () => {
    const { panel, acts } = panelOn({ record: recorded.finished() });
    panel.receive({ type: 'do', action: 'resubmit' });
    panel.receive({ type: 'do', action: 'copyLink' });
    panel.receive({ type: 'openLog', file: 'pilotlog.txt' });
    panel.receive({ type: 'openJob', pandaId: 5 });
    assert.deepEqual(acts, [
      `resubmit ${panel.pandaId}`,
      `copyLink ${panel.pandaId}`,
      `openLog ${panel.pandaId} pilotlog.txt`,
      'openJob 5',
    ]);
  });

  it('leaves nothing running behind', async () => {
    const { panel, session, clock, sent } = panelOn({
      record: { ...recorded.running(), ...pilot },
      logs: { 'payload.stdout': text('a\n') },
    });
    panel.receive({ type: 'ready' });
    panel.receive({ type: 'watchLog', file: 'payload.stdout' });
    await settle(clock);
    panel.dispose();
    sent.length = 0;
    session.setRecord({ ...recorded.finished(), PandaID: panel.pandaId });
    await clock.pass(100_000);
    assert.equal(clock.timers, 0);
    assert.deepEqual(sent, []);
  });
});

describe('the log of a job page', () => {
  async function watching(record: JobRecord, logs: MadeUp['logs']) {
    const made = panelOn({ record, ...(logs === undefined ? {} : { logs }) });
    made.panel.receive({ type: 'watchLog', file: 'payload.stdout' });
    made.panel.receive({ type: 'ready' });
    await settle(made.clock);
    await made.clock.pass(10);
    return { ...made, state: () => made.last('log')?.state };
  }

  it('is waited for, then followed as it grows, then over', async () => {
    const record = { ...recorded.running(), ...pilot };
    const { session, clock, state } = await watching(record, {});
    assert.deepEqual(state(), { kind: 'waiting', message: 'payload.stdout is not there yet' });
    session.setLog('payload.stdout', text('one\n'));
    await clock.pass(20_000);
    assert.deepEqual(state(), { kind: 'ready', size: 4, growing: true });
    session.setLog('payload.stdout', text('one\ntwo\n'));
    await clock.pass(20_000);
    assert.deepEqual(state(), { kind: 'ready', size: 8, growing: true });
    session.setLog('payload.stdout', text('one\ntwo\nthree\n'));
    session.setRecord({ ...recorded.finished(), ...pilot, PandaID: record.PandaID });
    await clock.pass(20_000);
    assert.deepEqual(state(), { kind: 'ready', size: 14, growing: false });
  });

  it('of a job that has not started comes later; of one that never did, not at all', async () => {
    const waiting = await watching({ ...recorded.activated(), pilotID: null }, {});
    assert.deepEqual(waiting.state(), { kind: 'waiting', message: 'The job has not started' });
    const over = { ...recorded.cancelled(), pilotID: null, startTime: null };
    const never = await watching(over, {});
    assert.equal(never.state()?.kind, 'missing');
  });

  it('that is lost is said to be', async () => {
    const { state } = await watching({ ...recorded.finished(), ...pilot }, {});
    assert.deepEqual(state(), { kind: 'missing', message: 'The job left no payload.stdout' });
  });

  it('is read in pieces, searched, and searched no more', async () => {
    const content = text('alpha\nbeta\nERROR gamma\n');
    const { panel, clock, last, sent } = await watching(
      { ...recorded.finished(), ...pilot },
      { 'payload.stdout': content },
    );
    panel.receive({ type: 'read', id: 1, file: 'payload.stdout', from: 6, length: 4 });
    await settle(clock);
    const piece = last('piece');
    assert.deepEqual(
      [piece?.id, new TextDecoder().decode(piece?.bytes), piece?.size],
      [1, 'beta', content.length],
    );
    const query = { pattern: 'A$', regex: true, matchCase: false };
    panel.receive({ type: 'search', id: 2, file: 'payload.stdout', query });
    await settle(clock);
    assert.deepEqual(last('hits')?.hits, [
      { offset: 0, line: 0 },
      { offset: 6, line: 1 },
      { offset: 11, line: 2 },
    ]);
    panel.receive({ type: 'firstError', id: 3, file: 'payload.stdout' });
    await settle(clock);
    assert.deepEqual(last('hits')?.hits, [{ offset: 11, line: 2 }]);
    const before = sent.length;
    panel.receive({ type: 'search', id: 4, file: 'payload.stdout', query });
    panel.receive({ type: 'stopSearch', id: 4 });
    await settle(clock);
    assert.equal(sent.length, before);
  });

  it('that is not there answers a question with the reason', async () => {
    const { panel, clock, last } = await watching({ ...recorded.finished(), ...pilot }, {});
    panel.receive({ type: 'read', id: 9, file: 'payload.stderr', from: 0, length: 10 });
    panel.receive({
      type: 'search',
      id: 10,
      file: 'payload.stderr',
      query: { pattern: 'a', regex: false, matchCase: false },
    });
    await settle(clock);
    assert.match(last('refused')?.message ?? '', /^Could not read payload.stderr: there is no such file/);
    assert.match(last('hits')?.problem ?? '', /no such file/);
  });

  it('that is asked for by a page which is gone is not given to the next, which counts its questions anew', async () => {
    const { panel, clock, sent } = await watching(
      { ...recorded.finished(), ...pilot },
      { 'payload.stdout': text('alpha\nbeta\n') },
    );
    const query = { pattern: 'a', regex: false, matchCase: false };
    panel.receive({ type: 'read', id: 1, file: 'payload.stdout', from: 0, length: 5 });
    panel.receive({ type: 'search', id: 2, file: 'payload.stdout', query });
    panel.setVisible(false);
    panel.setVisible(true);
    panel.receive({ type: 'ready' });
    panel.receive({ type: 'read', id: 1, file: 'payload.stdout', from: 6, length: 4 });
    await settle(clock);
    const answers = sent.filter((message) => 'id' in message);
    assert.deepEqual(
      answers.map((answer) => (answer.type === 'piece' ? new TextDecoder().decode(answer.bytes) : answer)),
      ['beta'],
    );
  });

  it('is sent to nobody once the panel is closed', async () => {
    const { panel, clock, sent } = await watching(
      { ...recorded.finished(), ...pilot },
      { 'payload.stdout': text('alpha\n') },
    );
    const before = sent.length;
    panel.receive({ type: 'read', id: 1, file: 'payload.stdout', from: 0, length: 5 });
    panel.receive({ type: 'watchUsage' });
    panel.dispose();
    await settle(clock);
    assert.equal(sent.length, before);
  });

  it('is looked through anew for the line that tells, where the connection is another one', async () => {
    const { session, clock, last } = await watching(
      { ...recorded.failed(), ...pilot },
      { 'payload.stderr': text('the disk is upside down\n') },
    );
    const line = (): string | undefined => last('job')?.view.failure?.line?.text;
    assert.equal(line(), 'the disk is upside down');
    session.setLog('payload.stderr', text('the disk is gone\n'));
    const { current } = session;
    assert.ok(current);
    session.setState({ kind: 'open', session: { ...current } });
    await settle(clock);
    assert.equal(line(), 'the disk is gone');
  });
});
