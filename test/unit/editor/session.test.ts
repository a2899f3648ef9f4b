import assert from 'node:assert/strict';
import { readLogText } from '../../../src/editor/documents/logText.ts';
import {
  describeMotion,
  inMotion,
  jobsViewMessage,
  jobsViewState,
} from '../../../src/editor/jobs/viewState.ts';
import {
  endText,
  findEnded,
  findEndedTasks,
  taskEndText,
  type Ended,
} from '../../../src/editor/notices/endTally.ts';
import { sandboxOptions } from '../../../src/editor/sandbox/sandboxOptions.ts';
import type { Session, SessionState } from '../../../src/editor/session.ts';
import { createSessions, RestrictedError, type ConnectRequest } from '../../../src/editor/sessions.ts';
import { SettingsError } from '../../../src/editor/settings.ts';
import { siteDetails, siteLook } from '../../../src/editor/sites/siteLook.ts';
import { SitesData } from '../../../src/editor/sites/sitesData.ts';
import { sitesViewMessage, sitesViewState } from '../../../src/editor/sites/sitesViewState.ts';
import { PandaError, type SiteSpec } from '../../../src/panda/index.ts';
import { createJobStore, type LogSource, type Task } from '../../../src/watch/index.ts';
import { FakeClock, fakeSession, settingsOf, signInError } from './fakes.ts';

describe('the session of a window', () => {
  const connecting = (answer: () => Promise<Session | undefined>) => {
    const requests: ConnectRequest[] = [];
    const sessions = createSessions({
      isTrusted: () => true,
      connect: (request) => {
        requests.push(request);
        return answer();
      },
    });
    return { sessions, requests };
  };

  it('is opened once, however many ask', async () => {
    const { session, calls } = fakeSession();
    const { sessions, requests } = connecting(() => Promise.resolve(session));
    const kinds: string[] = [];
    sessions.onDidChange(({ kind }) => kinds.push(kind));
    const all = await Promise.all([sessions.open(), sessions.open(), sessions.require()]);
    assert.deepEqual(all, [session, session, session]);
    assert.equal(requests.length, 1);
    assert.deepEqual(kinds, ['opening', 'open']);
    assert.deepEqual(calls, ['hidden', 'start']);
  });

  it('starts the sandbox only where something requires it', async () => {
    const { session } = fakeSession();
    const { sessions, requests } = connecting(() =>
      Promise.resolve(requests.at(-1)?.start === true ? session : undefined),
    );
    assert.equal(await sessions.open(), undefined);
    assert.equal(sessions.state.kind, 'sandboxStopped');
    assert.equal(await sessions.require(), session);
    assert.deepEqual(
      requests.map(({ start }) => start),
      [false, true],
    );
  });

  it('says why there is none, and throws that at who requires one', async () => {
    const error = new PandaError({
      kind: 'unreachable',
      tried: 'connect',
      cameBack: 'nothing',
      advice: 'Wait',
    });
    const { sessions } = connecting(() => Promise.reject(error));
    assert.equal(await sessions.open(), undefined);
    assert.deepEqual(sessions.state, { kind: 'unusable', error });
    await assert.rejects(sessions.require(), error);
  });

  it('throws an old one away, also one that arrives late', async () => {
    const first = fakeSession();
    const second = fakeSession();
    const answers = [Promise.withResolvers<Session>(), Promise.withResolvers<Session>()];
    const { sessions, requests } = connecting(() => answers[requests.length - 1]!.promise);
    const opening = sessions.open();
    const reopening = sessions.reopen();
    answers[1]!.resolve(second.session);
    assert.equal(await reopening, second.session);
    answers[0]!.resolve(first.session);
    assert.equal(await opening, undefined);
    assert.deepEqual(first.calls, ['dispose']);
    assert.equal(sessions.current, second.session);
    sessions.dispose();
    assert.equal(second.calls.at(-1), 'dispose');
  });

  it('is asked for at the pace of who looks', async () => {
    const { session, calls } = fakeSession();
    const { sessions } = connecting(() => Promise.resolve(session));
    await sessions.open();
    const one = sessions.look();
    const other = sessions.look();
    sessions.setFocused(false);
    one.dispose();
    one.dispose();
    other.dispose();
    assert.deepEqual(calls, ['hidden', 'start', 'focused', 'focused', 'visible', 'visible', 'hidden']);
  });

  it('asks who is not signed in to sign in, and goes on as who they are', async () => {
    const strangers = fakeSession();
    const theirs = fakeSession();
    const made = [strangers.session, theirs.session];
    let entered = 0;
    const sessions = createSessions({
      isTrusted: () => true,
      connect: () => Promise.resolve(made.shift()),
      enter: (session) => {
        entered += 1;
        return Promise.resolve(session === strangers.session);
      },
    });
    await sessions.open();
    assert.equal(entered, 0, 'looking asks nobody');
    assert.equal(await sessions.require(), theirs.session);
    assert.equal(await sessions.require(), theirs.session);
    assert.equal(strangers.calls.at(-1), 'dispose');
    const leaving = createSessions({
      isTrusted: () => true,
      connect: () => Promise.resolve(fakeSession().session),
      enter: () => Promise.reject(new DOMException('left', 'AbortError')),
    });
    await assert.rejects(leaving.require(), { name: 'AbortError' });
  });

  it('does not connect in a restricted workspace', async () => {
    const sessions = createSessions({ isTrusted: () => false, connect: () => assert.fail('it connects') });
    assert.equal(await sessions.open(), undefined);
    assert.equal(sessions.state.kind, 'restricted');
    await assert.rejects(sessions.require(), RestrictedError);
  });
});

describe('the settings of the sandbox', () => {
  it('are checked', () => {
    assert.equal(sandboxOptions(settingsOf({}), '/data').dataFolder, '/data');
    assert.equal(
      sandboxOptions(settingsOf({ 'sandbox.dataFolder': '/other' }), '/data').dataFolder,
      '/other',
    );
    for (const wrong of [
      { 'sandbox.slots': 0 },
      { 'sandbox.port': '80' },
      { 'sandbox.heartbeatSeconds': 1.5 },
      { 'sandbox.dataFolder': 'relative' },
    ]) {
      assert.throws(() => sandboxOptions(settingsOf(wrong), '/data'), SettingsError, JSON.stringify(wrong));
    }
  });
});

describe('the Jobs view', () => {
  const open = (fake: ReturnType<typeof fakeSession>): SessionState => ({
    kind: 'open',
    session: fake.session,
  });
  const clockTime = (): string => '12:03';

  it('shows one thing for each situation', () => {
    const fake = fakeSession();
    const empty = { jobs: 0, hasRows: false };
    assert.equal(jobsViewState({ kind: 'sandboxStopped' }, empty), 'sandboxStopped');
    assert.equal(jobsViewState({ kind: 'restricted' }, empty), 'restricted');
    assert.equal(jobsViewState(open(fake), empty), 'opening');
    fake.setStatus({ kind: 'current', asOf: 0, warning: null });
    assert.equal(jobsViewState(open(fake), empty), 'empty');
    fake.setStatus({ kind: 'current', asOf: 0, warning: new Error('monitor') });
    assert.equal(jobsViewState(open(fake), empty), 'unreachable');
    fake.setStatus({ kind: 'failing', asOf: null, error: new Error('x'), nextTry: 0 });
    assert.equal(jobsViewState(open(fake), empty), 'unreachable');
    const signedOut = signInError();
    fake.setStatus({ kind: 'failing', asOf: null, error: signedOut, nextTry: 0 });
    assert.equal(jobsViewState(open(fake), empty), 'signedOut');
    fake.setStatus({ kind: 'current', asOf: 0, warning: signedOut });
    assert.equal(jobsViewState(open(fake), empty), 'signedOut');
    assert.equal(jobsViewState(open(fake), { jobs: 3, hasRows: false }), 'noMatch');
    assert.equal(jobsViewState(open(fake), { jobs: 3, hasRows: true }), 'jobs');
  });

  it('says what is not true any more, and only then', () => {
    const fake = fakeSession();
    const message = (now: number): string | undefined => jobsViewMessage(open(fake), now, clockTime);
    assert.equal(message(0), undefined);
    fake.setStatus({ kind: 'current', asOf: 0, warning: null });
    assert.equal(message(0), undefined);
    fake.setStatus({ kind: 'failing', asOf: 1, error: new Error('x'), nextTry: 40_000 });
    assert.equal(message(0), 'As of 12:03, server not answering, next try in 40 s');
    assert.equal(message(38_500), 'As of 12:03, server not answering, next try in 2 s');
    assert.equal(message(40_000), 'As of 12:03, server not answering, trying again');
    fake.setStatus({ kind: 'current', asOf: 0, warning: new Error('monitor') });
    assert.match(message(0) ?? '', /^The monitor is not answering/);
    fake.setStatus({ kind: 'failing', asOf: 1, error: signInError(), nextTry: 40_000 });
    assert.match(message(0) ?? '', /^Nobody is signed in/);
  });

  it('counts what moves', () => {
    const counts = { running: 12, activated: 30, holding: 10, finished: 5, failed: 1 };
    assert.equal(inMotion(counts), 52);
    assert.equal(describeMotion(counts), '12 running, 40 waiting');
    assert.equal(describeMotion({ finished: 3 }), '');
  });
});

describe('the notice at the end', () => {
  const watched = { submissionId: 'mp4k2a00aa', name: 'sweep', profile: 'test', count: 5 };
  const ended = (states: Ended['states']): Ended => ({ watched, states });

  it('comes when as many jobs as were accepted have ended', () => {
    const store = createJobStore();
    const job = (number: number, state: string) => ({
      pandaId: number,
      state,
      jobName: `sweep.mp4k2a00aa.${number}`,
    });
    store.apply([1, 2, 3, 4].map((number) => job(number, 'finished')));
    assert.deepEqual(findEnded([watched], store), [], 'one is not known yet');
    store.apply([job(5, 'running')]);
    assert.deepEqual(findEnded([watched], store), []);
    store.apply([job(5, 'failed')]);
    assert.deepEqual(findEnded([watched], store), [ended({ finished: 4, failed: 1 })]);
  });

  it('comes for a task when it has ended, or does nothing more by itself', () => {
    const own = { submissionId: 'mp4k2a00ab', name: 'shear', profile: 'test', count: 0, taskId: 7 };
    const task = (state: string | null, inputs = {}): Task => ({
      ...{ taskId: 7, taskName: 'user.me.shear.mp4k2a00ab/', label: 'shear', state, site: null },
      ...{ creationTime: null, modificationTime: null, inputs },
    });
    const found = (state: string | null) => findEndedTasks([watched, own], new Map([[7, task(state)]]));
    for (const state of [null, 'running', 'finishing', 'paused']) assert.deepEqual(found(state), []);
    for (const state of ['done', 'finished', 'failed', 'aborted', 'broken', 'exhausted']) {
      assert.deepEqual(found(state), [{ watched: own, task: task(state) }]);
    }
    const text = (state: string, inputs?: object) => taskEndText({ watched: own, task: task(state, inputs) });
    assert.deepEqual(text('done', { finished: 3 }), { kind: 'information', text: 'Task shear is done' });
    assert.deepEqual(text('finished', { finished: 2, failed: 1 }), {
      kind: 'warning',
      text: 'Task shear finished, but not all of it: 1 failed, 2 finished',
    });
    assert.equal(text('aborted').text, 'Task shear was killed');
  });

  it('is one sentence, whatever ended', () => {
    assert.deepEqual(endText([ended({ finished: 3, failed: 2 })]), {
      kind: 'warning',
      text: '3 of 5 jobs of sweep finished, 2 failed',
    });
    assert.equal(endText([ended({ finished: 5 })]).text, 'All 5 jobs of sweep finished');
    assert.equal(endText([ended({ finished: 1 })]).text, 'sweep finished');
    assert.equal(endText([ended({ failed: 1 })]).text, 'sweep failed');
    assert.equal(endText([ended({ cancelled: 1 })]).text, 'sweep was cancelled');
    assert.equal(
      endText([ended({ finished: 3, cancelled: 2 }), ended({ finished: 1 })]).text,
      '4 of 6 jobs of 2 submissions finished, 2 cancelled',
    );
  });
});

describe('a log as a document', () => {
  const source = (content: string): LogSource => ({
    read: (_, from, length) => {
      const bytes = Buffer.from(content).subarray(from, from + Math.min(length, 7));
      return Promise.resolve({ from, bytes, size: Buffer.byteLength(content) });
    },
  });

  it('is whole when it is small', async () => {
    const content = 'héllo\nwörld\n'.repeat(9);
    assert.equal((await readLogText(source(content), 'payload.stdout')).text, content);
    assert.equal((await readLogText(source(''), 'payload.stdout')).text, '');
  });

  it('is the end of a large one, from a whole line on, and says so', async () => {
    const content = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('');
    const { text, size } = await readLogText(source(content), 'payload.stdout', { most: 30 });
    assert.equal(size, content.length);
    assert.equal(
      text,
      '… the first 760 B of 790 B are left out; the panel shows all.\nline 97\nline 98\nline 99\n',
    );
  });
});

const bnl: SiteSpec = {
  name: 'BNL',
  status: 'online',
  cloud: 'US',
  coreCount: 8,
  maxMemoryMB: 16_000,
  maxWorkDirMB: 0,
  maxTimeSeconds: 172_800,
  comment: 'a *star*',
  raw: {},
};

describe('a site', () => {
  it('says its status, what of mine runs there, and what of everybody', () => {
    const site = { spec: bnl, everybody: { running: 3120 }, mine: { running: 12, activated: 40, failed: 1 } };
    const look = siteLook(site, true);
    assert.equal(look.description, 'online · default · 12 of mine run, 40 wait · 3,120 running in all');
    assert.equal(look.contextValue, 'site failures');
    assert.match(look.tooltip, /a &#42;star&#42;/);
    assert.equal(
      siteLook({ spec: { ...bnl, status: 'offline' }, everybody: {}, mine: {} }, false).description,
      'offline',
    );
  });

  it('tells its limits, leaving out what the queue does not say', () => {
    const types = [
      { name: 'SCORE', minCores: 1, maxCores: 1, minMemoryPerCoreMB: null, maxMemoryPerCoreMB: null },
      { name: 'HUGE', minCores: 64, maxCores: null, minMemoryPerCoreMB: null, maxMemoryPerCoreMB: null },
    ];
    const details = siteDetails({ spec: bnl, everybody: {}, mine: {} }, types);
    assert.deepEqual(
      details.map(({ label, value }) => `${label}: ${value}`),
      [
        'Memory: up to 16.0 GB',
        'Wall time: up to 2 d',
        'Cores: 8',
        'Resource types: SCORE',
        'My jobs: none',
        'Comment: a *star*',
      ],
    );
  });

  it('is read again each minute while somebody looks, and says what went wrong', async () => {
    let calls = 0;
    let broken = false;
    const client = {
      metaconfig: {
        getSiteSpecs: () => {
          calls += 1;
          return broken ? Promise.reject(new Error('no answer')) : Promise.resolve([bnl]);
        },
        getResourceTypes: () => Promise.resolve([]),
      },
      statistics: { activeJobsBySite: () => Promise.resolve({ BNL: { running: 2 } }) },
    };
    const clock = new FakeClock();
    const data = new SitesData(fakeSession(client).session, clock);
    data.resume();
    await clock.move(0);
    assert.deepEqual(data.sites[0]?.everybody, { running: 2 });
    await clock.move(59_000);
    assert.equal(calls, 1);
    broken = true;
    await clock.move(1000);
    assert.equal(calls, 2);
    assert.equal(data.trouble?.message, 'no answer');
    assert.equal(data.sites.length, 1, 'what was known stays');
    data.pause();
    await clock.move(120_000);
    assert.equal(calls, 2);
    data.dispose();
  });
});

describe('the one thing that the Sites view shows', () => {
  const nothing = { sites: 0, isRead: false, trouble: undefined, asOf: undefined };
  const open = { kind: 'open', session: fakeSession().session } as const;
  const at = (): string => '12:03';

  it('is why there are no sites, or the sites', () => {
    assert.equal(sitesViewState({ kind: 'closed' }, nothing), 'opening');
    assert.equal(sitesViewState({ kind: 'restricted' }, nothing), 'restricted');
    assert.equal(sitesViewState({ kind: 'sandboxStopped' }, nothing), 'sandboxStopped');
    assert.equal(sitesViewState({ kind: 'unusable', error: new Error('x') }, nothing), 'unusable');
    assert.equal(sitesViewState(open, nothing), 'opening');
    assert.equal(sitesViewState(open, { ...nothing, isRead: true }), 'empty');
    assert.equal(sitesViewState(open, { ...nothing, trouble: new Error('x') }), 'unreachable');
    assert.equal(sitesViewState(open, { ...nothing, trouble: signInError() }), 'signedOut');
    assert.equal(sitesViewState(open, { ...nothing, sites: 3, trouble: signInError() }), 'sites');
  });

  it('says above rows what keeps them from being up to date', () => {
    const known = { ...nothing, sites: 3, isRead: true, asOf: 1 };
    assert.equal(sitesViewMessage(known, at), undefined);
    assert.equal(sitesViewMessage({ ...nothing, trouble: new Error('x') }, at), undefined);
    assert.match(
      sitesViewMessage({ ...known, trouble: new Error('x') }, at) ?? '',
      /^As of 12:03, server not answering\. Run “PanDA: Check connection”/,
    );
    assert.match(
      sitesViewMessage({ ...known, trouble: signInError() }, at) ?? '',
      /^As of 12:03, nobody is signed in\. Run “PanDA: Sign in”\.$/,
    );
  });
});
