import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/freePort.ts';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { JavaPipeline, jobWords, throws } from './javaPipeline.ts';
import type { JobWords, Outcome } from './javaPipeline.ts';
import { compileJava, startRmiRegistry } from './javaPrograms.ts';
import type { JavaPrograms } from './javaPrograms.ts';
import { jobOf, SERVICE, startSite } from './jobControlDaemon.ts';
import type { DaemonProcess, Site } from './jobControlDaemon.ts';
import { jdk } from './programs/jdk.ts';
import { rmiio } from './programs/rmiio.ts';
import { usePrograms } from './usePrograms.ts';

const CONTROL = 'org.srs.jobcontrol.JobControlException';
const REMOTE = 'Remote Exception performing operation';
/** Within which the daemon answers whatever happens, in seconds. */
const ANSWER_SECONDS = 8;
/** What a busy machine may add to that; without the limit it would be minutes. */
const BUSY_SECONDS = 30;

describe('A pipeline in Java in times of trouble of desc-panda jobcontrold', () => {
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();
  let programs: JavaPrograms;
  let site: Site;
  let daemon: DaemonProcess;
  let pipeline: JavaPipeline;

  const startPipeline = (port: number): JavaPipeline => {
    const started = new JavaPipeline(programs, port, SERVICE);
    later(() => started.end());
    return started;
  };
  before(async () => {
    programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    site = await startSite(later);
    daemon = site.daemon({ answerSeconds: `${ANSWER_SECONDS}s` });
    pipeline = startPipeline(await daemon.start());
  });

  const sleeper = (instance: number): JobWords => ({
    ...jobOf(site, instance),
    'file.pipeline_wrapper': 'sleep 600\n',
  });
  const restart = async (): Promise<void> => {
    await daemon.end('SIGKILL');
    await daemon.start();
  };
  const reached = (id: string, status: string): Promise<unknown> =>
    until(`job ${id} to be ${status}`, async () => (await pipeline.status(id)).status === status);

  describe('that is killed', () => {
    it('calls on as if nothing had happened', async () => {
      const id = await pipeline.submit(sleeper(1));
      await restart();
      assert.equal((await pipeline.status(id)).id, id);
      await restart();
      assert.equal(await pipeline.submit(sleeper(1)), id);
      await reached(id, 'RUNNING');
      // A cancel is tried only once: what the client keeps of the service must be good.
      await restart();
      assert.equal(await pipeline.call('cancel', id), null);
      await reached(id, 'FAILED');
    });

    it('is told that nobody answers, and cancels in vain', async () => {
      const id = await pipeline.submit(sleeper(2));
      await daemon.end('SIGKILL');
      await throws(pipeline.status(id), CONTROL, REMOTE);
      assert.equal(await pipeline.call('cancel', id), null);
      await throws(pipeline.submit(sleeper(3)), CONTROL, REMOTE);
      await daemon.start();
      assert.notEqual((await pipeline.status(id)).status, 'FAILED');
      await pipeline.call('cancel', id);
      await reached(id, 'FAILED');
    });

    // Wherever a kill falls, the same holds; these fall at various points of a submission.
    for (const [index, pause] of [0, 10, 20, 40, 80, 160].entries()) {
      it(`gets one job though the service was killed ${pause} ms after it was asked for it`, async () => {
        const words = jobWords(jobOf(site, 10 + index));
        const asked = pipeline.outcome('submit', ...words);
        await wait(pause);
        await daemon.end('SIGKILL');
        const first = await asked;
        await daemon.start();
        const second = await pipeline.outcome('submit', ...words);
        const id = 'ok' in second ? String(second.ok) : assert.fail(JSON.stringify(second));
        if ('ok' in first) assert.equal(first.ok, id);
        else assert.deepEqual(first.thrown[0], { class: CONTROL, message: REMOTE });
        assert.deepEqual(await site.jobsOf(10 + index, id), [Number(id)]);
      });
    }
  });

  it('uses its connection again, and a new one after it has rested', async () => {
    const count = (event: string): number => daemon.log.filter((entry) => entry.event === event).length;
    await restart();
    const statuses = async (): Promise<void> => {
      await throws(pipeline.status('77'), 'org.srs.jobcontrol.NoSuchJobException', 'Job id 77');
    };
    await statuses();
    const opened = count('rmi.opened');
    for (let call = 0; call < 5; call += 1) await statuses();
    assert.equal(count('rmi.opened'), opened);
    const rested = async (): Promise<boolean> => count('rmi.closed') === opened;
    await until('Java to close its connections', rested, { timeoutMs: 60_000 });
    await wait(10_000);
    await statuses();
    assert.equal(count('rmi.opened'), opened + 1);
  });

  describe('while PanDA', () => {
    /** Asks for a job that runs, its files and a new one; none can be answered, and all say so in time. */
    const callAll = async (known: number, id: string, wanted: number): Promise<void> => {
      const place = [`7:${known}`, String(jobOf(site, known).currentDirectory)];
      // For a second the daemon knows what PanDA said last; a submission takes longer, or tells that PanDA is down.
      const calls = [
        ['submit', ...jobWords(jobOf(site, wanted))],
        ['status', id],
        ['arrayStatus', id],
        ['getFile', ...place, 'pipeline_summary'],
        ['getFileStream', ...place, 'logFile.txt'],
        ['cancel', id],
      ];
      for (const words of calls) {
        const begun = performance.now();
        const outcome: Outcome = await pipeline.outcome(...words);
        const seconds = (performance.now() - begun) / 1000;
        assert.ok(seconds < ANSWER_SECONDS + BUSY_SECONDS, `${words[0]} took ${seconds} s`);
        const caught = 'thrown' in outcome ? outcome.thrown[0]?.class : JSON.stringify(outcome.ok);
        const late = words[0] === 'getFile' && caught === 'java.util.concurrent.TimeoutException';
        if (!late) assert.equal(caught, CONTROL, `${words[0]}: ${JSON.stringify(outcome)}`);
        assert.doesNotMatch(JSON.stringify(outcome), /Remote Exception/, 'nothing is called twice');
      }
    };
    const running = async (instance: number): Promise<string> => {
      const id = await pipeline.submit(sleeper(instance));
      await reached(id, 'RUNNING');
      return id;
    };
    /** The one job of a process instance, submitted until it is taken. */
    const taken = async (instance: number): Promise<void> => {
      const id = await until('PanDA to take the job', async () => {
        const outcome = await pipeline.outcome('submit', ...jobWords(jobOf(site, instance)));
        return 'ok' in outcome ? String(outcome.ok) : undefined;
      });
      assert.deepEqual(await site.jobsOf(instance, id), [Number(id)]);
    };

    it('is down, hears so in exceptions that it knows', async () => {
      const id = await running(20);
      await site.desc('sandbox', 'stop');
      await until('the daemon to notice', async () =>
        daemon.log.some(({ event }) => event === 'poll.failed'),
      );
      await callAll(20, id, 21);
      await site.desc('sandbox', 'start', '--slots', '4', '--heartbeat', '1s');
      await taken(21);
    });

    it('hangs, is answered in time', async () => {
      const id = await running(22);
      const { pid } = await site.connection();
      process.kill(pid, 'SIGSTOP');
      try {
        await callAll(22, id, 23);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await taken(23);
    });
  });

  it('finds it in rmiregistry, also in one that was restarted', async () => {
    const registryPort = await freePort();
    let registry = startRmiRegistry(programs, registryPort);
    later(() => registry.end());
    const bound = site.daemon({ registryPort }, 'bound');
    await bound.start();
    const caller = startPipeline(registryPort);
    const found = (one: JavaPipeline): Promise<string> =>
      until('the service to be found', async () => {
        const outcome = await one.outcome('submit', ...jobWords(jobOf(site, 40)));
        return 'ok' in outcome ? String(outcome.ok) : undefined;
      });
    const id = await found(caller);
    await registry.end();
    assert.equal((await caller.status(id)).id, id, 'the registry is not needed by who knows the service');
    registry = startRmiRegistry(programs, registryPort);
    assert.equal(await found(startPipeline(registryPort)), id);
    await bound.end('SIGTERM');
    await throws(caller.status(id), CONTROL, 'Server not running while');
  });

  it('is refused from a network that is not allowed', async () => {
    const closed = site.daemon({ allow: ['10.0.0.0/8'] }, 'closed');
    const caller = startPipeline(await closed.start());
    const told = '127.0.0.1 may not call: its network is not allowed';
    // Unchecked, so that the client neither tries again nor hides it.
    await throws(caller.submit(jobOf(site, 50)), 'java.lang.SecurityException', told);
    await throws(caller.call('cancel', '1'), 'java.lang.SecurityException', told);
    const refused = closed.log.filter(({ event }) => event === 'rmi.refused');
    assert.deepEqual(
      refused.map(({ level, address, reason }) => [level, address, reason]),
      [1, 2].map(() => ['warning', '127.0.0.1', 'its network is not allowed']),
    );
    assert.ok(!closed.log.some(({ event }) => event === 'call'));
  });
});
