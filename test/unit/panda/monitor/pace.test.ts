import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMonitorCache } from '../../../../src/panda/index.ts';
import type { MonitorApi } from '../../../../src/panda/index.ts';
import { createMonitorQueue } from '../../../../src/panda/monitor/queue.ts';
import { plain, startFakeServer } from '../fakeServer.ts';
import type { FakeServer } from '../fakeServer.ts';

/** A clock that stands until something waits for it. */
function turnedClock(): {
  now: () => number;
  delay: (ms: number) => Promise<void>;
  waits: number[];
  time: number;
} {
  const clock = {
    time: 1_000_000,
    waits: [] as number[],
    now: () => clock.time,
    delay: (ms: number) => {
      clock.waits.push(ms);
      clock.time += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

describe('the queue of a monitor', () => {
  it('lets one call out at a time, those that somebody waits for first', async () => {
    const queue = createMonitorQueue(turnedClock());
    const order: string[] = [];
    const open = Promise.withResolvers<undefined>();
    const call = (name: string, background: boolean): Promise<void> =>
      queue.run(
        async () => {
          order.push(name);
          await open.promise;
        },
        { background },
      );
    const all = [call('first', true), call('later', true), call('asked', false), call('asked 2', false)];
    assert.deepEqual(order, []);
    open.resolve(undefined);
    await Promise.all(all);
    assert.deepEqual(order, ['first', 'asked', 'asked 2', 'later']);
  });

  it('keeps what runs in the background to ten requests a minute, and nothing else', async () => {
    const clock = turnedClock();
    const queue = createMonitorQueue(clock);
    const request = (): Promise<void> => {
      queue.noteRequest();
      return Promise.resolve();
    };
    for (let count = 0; count < 12; count += 1) await queue.run(request, {});
    assert.deepEqual(clock.waits, []);
    clock.time += 20_000;
    await queue.run(request, { background: true });
    assert.deepEqual(clock.waits, [40_000]);
    // A clock that was set back says nothing of what was sent.
    clock.time -= 500_000;
    await queue.run(request, { background: true });
    assert.equal(clock.waits.length, 1);
  });

  it('leaves the line when its caller gives up, and goes on after a call that failed', async () => {
    const queue = createMonitorQueue(turnedClock());
    const open = Promise.withResolvers<undefined>();
    const first = queue.run(() => open.promise, {});
    const stop = new AbortController();
    const second = queue.run(() => Promise.resolve('never'), { signal: stop.signal });
    stop.abort();
    await assert.rejects(second, { name: 'AbortError' });
    open.reject(new Error('broken'));
    await assert.rejects(first, /broken/);
    assert.equal(await queue.run(() => Promise.resolve('next'), {}), 'next');
  });

  it('rejects what waits for the pace when it is disposed of', async () => {
    const queue = createMonitorQueue({
      now: () => 0,
      delay: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    });
    for (let count = 0; count < 10; count += 1) queue.noteRequest();
    const waiting = queue.run(() => Promise.resolve(), { background: true });
    setImmediate(() => queue.dispose());
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});

describe('kindness to the monitor', () => {
  let server: FakeServer;
  let folder: string;
  const monitorOf = (clock = turnedClock(), cached = true): MonitorApi => {
    const deps = { ...clock, random: () => 0.5 };
    const cache = createMonitorCache(folder, clock.now);
    const { monitor } = server.client(
      { server: 'http://127.0.0.1:9' },
      cached ? { ...deps, monitorCache: cache } : deps,
    );
    assert.ok(monitor !== undefined);
    return monitor;
  };
  beforeEach(async () => {
    server = await startFakeServer();
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-monitor-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('waits longer each time, then leaves a monitor in trouble alone in the background', async () => {
    const clock = turnedClock();
    const monitor = monitorOf(clock);
    server.answer = (_asked, response) => plain(response, 503, 'down');
    await assert.rejects(monitor.jobsOfUser('me', { background: true }), { kind: 'unreachable' });
    assert.deepEqual(clock.waits, [2_000, 4_000]);
    assert.equal(server.asked.length, 3);
    await assert.rejects(monitor.jobsOfUser('me', { background: true }), /is left alone until/);
    assert.equal(server.asked.length, 3);
    // Who asks for it is answered, and then all is well again.
    server.answer = (_asked, response) => plain(response, 200, '{"jobs": []}');
    await monitor.jobsOfUser('me');
    await monitor.jobsOfUser('you', { background: true });
    assert.equal(server.asked.length, 5);
  });

  it('keeps lists for ten minutes, in a folder that others share, and can be told to ask anew', async () => {
    const clock = turnedClock();
    server.answer = (_asked, response) => plain(response, 200, '{"jobs": []}');
    await monitorOf(clock).jobsOfUser('me');
    clock.time += 599_000;
    await monitorOf(clock).jobsOfUser('me');
    assert.equal(server.asked.length, 1);
    await monitorOf(clock).jobsOfUser('me', { fresh: true });
    assert.ok(server.asked[1]?.query.has('timestamp'));
    clock.time += 600_001;
    await monitorOf(clock).jobsOfUser('me');
    assert.equal(server.asked.length, 3);
    // Kept in the future: the clock was set back.
    clock.time -= 5_000_000;
    await monitorOf(clock).jobsOfUser('me');
    assert.equal(server.asked.length, 4);
    const [file = ''] = await readdir(folder);
    assert.equal((await stat(join(folder, file))).mode & 0o077, 0);
  });

  it('tells how old a list of workflows is', async () => {
    const clock = turnedClock();
    server.answer = (_asked, response) => plain(response, 200, '[]');
    const first = await monitorOf(clock).workflows();
    clock.time += 500_000;
    assert.deepEqual(await monitorOf(clock).workflows(), first);
    assert.equal(first.asOf, clock.time - 500_000);
    assert.equal((await monitorOf(clock).workflows({ fresh: true })).asOf, clock.time);
    assert.equal(server.asked.length, 2);
  });

  it('keeps what is told of ended jobs for ever, of others not at all', async () => {
    const clock = turnedClock();
    let state = 'running';
    server.answer = (asked, response) => {
      const job = { pandaid: 7, jobname: 'a', jobstatus: state };
      const row = { jobstatus: state, modificationtime: '2026-11-23 02:44:52' };
      plain(response, 200, JSON.stringify(asked.path === '/job/' ? { job, files: [] } : [row]));
    };
    for (const expected of [2, 4, 6, 6]) {
      if (expected === 6) state = 'finished';
      await monitorOf(clock).job(7);
      await monitorOf(clock).stateHistory(7);
      clock.time += 1e11;
      assert.equal(server.asked.length, expected);
    }
    // A file that is broken is no answer.
    for (const name of await readdir(folder)) await writeFile(join(folder, name), '{');
    assert.equal((await monitorOf(clock).job(7)).record.jobStatus, 'finished');
    assert.equal(server.asked.length, 7);
  });

  it('does not keep what is not the answer', async () => {
    server.answer = (asked, response) =>
      plain(response, 200, asked.path === '/job/' ? '{"job": {"pandaid": 8, "jobstatus": "failed"}}' : '{}');
    const calls = ['job', 'task', 'errorDescriptions', 'workflows', 'stateHistory', 'jobsOfUser'] as const;
    for (const call of calls) {
      const ask = (): Promise<unknown> => {
        const monitor = monitorOf();
        if (call === 'errorDescriptions' || call === 'workflows') return monitor[call]();
        return call === 'jobsOfUser' ? monitor.jobsOfUser('me') : monitor[call](7);
      };
      for (let time = 0; time < 2; time += 1) await assert.rejects(ask(), { kind: 'protocol' });
    }
    assert.equal(server.asked.length, 2 * calls.length);
  });

  it('takes no page about logs for one to sign in', async () => {
    for (const title of ['Log information', 'Blog index', 'Job 7: logins.py']) {
      const page = `<html><title>${title}</title></html>`;
      server.answer = (_asked, response) =>
        void response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
      await assert.rejects(monitorOf().jobsOfUser('me'), { kind: 'protocol' });
    }
  });

  it('knows a page to sign in by its title or its field, and tries with the token', async () => {
    for (const page of ['<title>Log in | BigPanDA</title>', '<form><input name=p type="password"></form>']) {
      const before = server.asked.length;
      server.answer = (asked, response) =>
        asked.headers.authorization === undefined
          ? void response.writeHead(200, { 'Content-Type': 'text/html' }).end(page)
          : plain(response, 200, '{"jobs": []}');
      const monitor = monitorOf(undefined, false);
      assert.deepEqual(await monitor.jobsOfUser('me'), []);
      assert.equal(server.asked.length, before + 2);
      server.answer = (_asked, response) =>
        void response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
      await assert.rejects(monitor.jobsOfUser('me'), {
        kind: 'unauthorised',
        cameBack: "the monitor does not take the profile's token",
        advice: `Sign in at ${server.url} once in a browser with the same account, then try again`,
      });
    }
  });

  it("gives the monitor's own words for what it refuses", async () => {
    server.answer = (_asked, response) => plain(response, 400, '{"error": "Illegal value for <b>days</b>"}');
    await assert.rejects(monitorOf().jobsOfUser('me'), /Illegal value for days/);
  });
});

describe('the cache of a monitor', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'desc-panda-monitor-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('stays within its bounds: what was written first goes', async () => {
    const limits = { files: 30, bytes: 1e6, entryBytes: 1_000 };
    const cache = createMonitorCache(join(folder, 'new'), () => 5, limits);
    for (let index = 0; index < 101; index += 1) await cache.set(`url ${index}`, index, null);
    assert.ok((await readdir(join(folder, 'new'))).length <= 30);
    assert.deepEqual(await cache.get('url 100'), { value: 100, storedAt: 5 });
    assert.equal(await cache.get('url 0'), undefined);
    await cache.set('long', 'x'.repeat(2_000), null);
    assert.equal(await cache.get('long'), undefined);
  });

  it('is as good as none where the disk does not let it', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'no folder');
    const cache = createMonitorCache(file, () => 5);
    await cache.set('url', 1, null);
    assert.equal(await cache.get('url'), undefined);
    assert.equal(await readFile(file, 'utf8'), 'no folder');
  });
});
