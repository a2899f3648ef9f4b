import assert from 'node:assert/strict';
import { DaemonSource } from '../../../../src/editor/pipeline/daemonSource.ts';
import { mailText } from '../../../../src/editor/pipeline/mailText.ts';
import type { ViewNode } from '../../../../src/editor/pipeline/pipelineSource.ts';
import { DaemonCallError } from '../../../../src/pipeline/index.ts';
import type {
  DaemonClient,
  HeldChoice,
  HeldJob,
  HeldPage,
  HeldTasks,
} from '../../../../src/pipeline/index.ts';

const MINUTE = 60_000;

function job(number: number, more: Partial<HeldJob> = {}): HeldJob {
  return {
    ...{ number, instance: String(100 + number), execution: '1', process: 'phoSim', streamPath: '3' },
    ...{ status: 'RUNNING', state: 'running', cancelRequested: false, pandaId: 4000 + number },
    ...{ site: 'SLAC', host: null, exitCode: null, problem: null },
    ...{ received: 0, submitted: 0, started: MINUTE, ended: null, mails: { start: null, end: null } },
    ...more,
  };
}

const HELD: HeldTasks = {
  status: 'OK',
  startTime: 0,
  mails: { sending: 0, waiting: 1, sent: 7 },
  tasks: [{ user: 'glast', task: 'visit', counts: { FAILED: 1, RUNNING: 2, DONE: 1200 } }],
};

/** A daemon that is asked without a wire. */
class FakeDaemon implements DaemonClient {
  readonly file = '/var/lib/desc-panda/connection.json';
  held = HELD;
  list: readonly HeldJob[] = [job(1)];
  streamCount = 2;
  trouble: DaemonCallError | undefined;
  readonly asked: string[] = [];

  async tasks(): Promise<HeldTasks> {
    await this.#answer('tasks');
    return this.held;
  }

  async streams({ task }: { task: string }, { offset, limit }: HeldPage) {
    await this.#answer(`streams ${task} ${offset} ${limit}`);
    const all = Array.from({ length: this.streamCount }, (_, at) => ({
      stream: at + 3,
      counts: { RUNNING: 1 },
    }));
    return { total: all.length, streams: all.slice(offset, offset + limit) };
  }

  async jobs({ stream }: { stream: number }, { offset, limit }: HeldPage) {
    await this.#answer(`jobs ${stream} ${offset} ${limit}`);
    return { total: this.list.length, jobs: this.list.slice(offset, offset + limit) };
  }

  async mails(number: number) {
    await this.#answer(`mails ${number}`);
    return [];
  }

  async cancel(choice: HeldChoice) {
    await this.#answer(`cancel ${JSON.stringify(choice)}`);
    return { asked: 1, over: 0, refused: [] };
  }

  #answer(what: string): Promise<void> {
    this.asked.push(what);
    return this.trouble === undefined ? Promise.resolve() : Promise.reject(this.trouble);
  }
}

describe('a daemon in the Pipeline view', () => {
  let daemon: FakeDaemon;
  let source: DaemonSource;
  beforeEach(() => {
    daemon = new FakeDaemon();
    source = new DaemonSource(daemon, (error) => error instanceof DaemonCallError);
  });
  afterEach(() => source.dispose());

  const told = (node: ViewNode): string => {
    const look = source.look(node, 3 * MINUTE);
    return `${look?.icon?.codicon ?? ''} ${look?.label ?? ''} | ${look?.description ?? ''} | ${look?.contextValue ?? ''}`;
  };
  const outline = async (node: ViewNode = source.root, depth = 0): Promise<readonly string[]> => {
    await source.load(node);
    const below: string[] = [];
    for (const child of source.children(node)) below.push(...(await outline(child, depth + 1)));
    return [`${'  '.repeat(depth)}${told(node)}`, ...below];
  };
  const rowOf = async (...path: readonly number[]): Promise<ViewNode> => {
    let node = source.root;
    for (const at of path) {
      await source.load(node);
      const child = source.children(node)[at];
      assert.ok(child !== undefined);
      node = child;
    }
    return node;
  };

  it('has tasks, streams and jobs, each with its state in the words of the pipeline and of PanDA', async () => {
    assert.equal(told(source.root), 'server-process Job control daemon | asking | daemon');
    daemon.streamCount = 1;
    daemon.list = [
      job(1, { state: 'holding' }),
      job(2, {
        status: 'FAILED',
        state: 'failed',
        exitCode: 3,
        ended: 2 * MINUTE,
        streamPath: '3.7',
        execution: '2',
      }),
      job(3, { status: 'DONE', state: 'finished', ended: 2 * MINUTE, process: '' }),
      job(4, { status: 'SUBMITTING', state: null, pandaId: null, started: null }),
      job(5, { cancelRequested: true }),
    ];
    assert.deepEqual(await outline(), [
      'server-process Job control daemon | 1 failed · 2 running · 1,200 done · 1 mail waiting | daemon',
      '  type-hierarchy-sub visit | 1 failed · 2 running · 1,200 done | heldTask cancellable',
      '    play Stream 3 | 1 running | heldStream cancellable',
      '      cloud-upload phoSim | running · holding · 4001 · 2 m | heldJob cancellable pandaJob',
      '      error phoSim | failed · exit code 3 · 4002 · substream 3.7 · execution 2 · 1 m | heldJob pandaJob',
      '      pass Process instance 103 | 4003 · 1 m | heldJob pandaJob',
      '      clock phoSim | submitting | heldJob',
      '      loading~spin phoSim | running · cancel requested · 4005 · 2 m | heldJob pandaJob',
    ]);
  });

  it('is asked for what is seen only, and the same rows stay the same objects', async () => {
    const stream = await rowOf(0, 0);
    const [before] = source.children(await rowOf(0));
    daemon.asked.length = 0;
    await source.refresh();
    assert.deepEqual(daemon.asked, ['tasks', 'streams visit 0 200']);
    await source.load(stream);
    assert.equal(daemon.asked.at(-1), 'jobs 3 0 200');
    assert.ok(before === source.children(await rowOf(0))[0]);
    source.close(stream);
    daemon.asked.length = 0;
    await source.refresh();
    assert.deepEqual(daemon.asked, ['tasks', 'streams visit 0 200']);
  });

  it('comes by pages, in questions of a thousand rows at most', async () => {
    daemon.streamCount = 100_000;
    const task = await rowOf(0);
    await source.load(task);
    const more = source.children(task).at(-1);
    assert.ok(more?.kind === 'moreHeld');
    assert.equal(source.children(task).length, 201);
    assert.equal(told(more), 'ellipsis Load more | 200 of 100,000 | more');
    for (let pages = 2; pages <= 6; pages += 1) {
      source.showMore(more);
      await new Promise<void>((resolve) => {
        const listening = source.onDidChange(() => {
          if (source.children(task).length !== pages * 200 + 1) return;
          listening.dispose();
          resolve();
        });
      });
    }
    assert.deepEqual(daemon.asked.slice(-2), ['streams visit 0 1000', 'streams visit 1000 200']);
  });

  it('says in words that it is down, and keeps what it knew', async () => {
    await source.refresh();
    daemon.trouble = new DaemonCallError('notRunning', 'It does not run: nobody answers', 'Start the daemon');
    await source.refresh();
    assert.equal(told(source.root), 'warning Job control daemon | does not run | daemon');
    assert.deepEqual(source.children(source.root).map(told), [
      'info It does not run: nobody answers. Start the daemon. |  | ',
      'type-hierarchy-sub visit | 1 failed · 2 running · 1,200 done | heldTask cancellable',
    ]);
    daemon.trouble = undefined;
    daemon.held = { ...HELD, status: 'Bad no connection', tasks: [] };
    await source.refresh();
    assert.match(told(source.root), /^warning /u);
    assert.deepEqual(
      source.children(source.root).map((node) => source.look(node, 0)?.label),
      ['PanDA cannot be asked: no connection', 'No jobs yet'],
    );
  });

  it('cancels a job, a stream or a task, and reads anew', async () => {
    const nodes = [await rowOf(0), await rowOf(0, 0), await rowOf(0, 0, 0)];
    for (const node of nodes) {
      assert.ok(node.kind === 'heldTask' || node.kind === 'heldStream' || node.kind === 'heldJob');
      assert.ok(source.cancellable(node) > 0);
      await source.cancel(node);
    }
    assert.deepEqual(
      daemon.asked.filter((what) => what.startsWith('cancel')),
      [
        'cancel {"user":"glast","task":"visit"}',
        'cancel {"user":"glast","task":"visit","stream":3}',
        'cancel {"user":"glast","number":1}',
      ],
    );
  });

  it('has mails that can be read', () => {
    const mail = { subject: '101', tries: 1, nextTry: null, sent: null, problem: null, messageId: null };
    const text = mailText(job(1), [
      {
        ...{ ...mail, kind: 'start', step: 'sent', sent: 0, messageId: 'a@b', sender: 'daemon' },
        text: 'Status: Started\n',
      },
      { ...mail, kind: 'end', step: 'waiting', tries: 2, problem: 'No server', sender: 'daemon', text: null },
    ]);
    assert.match(
      text,
      /^Mails of process instance 101 \(phoSim\)\n\nStart mail: sent at .+\n\nSubject: 101\n/u,
    );
    assert.match(text, /Message-ID: <a@b>\n\nStatus: Started\n/u);
    assert.match(text, /End mail: not sent after 2 tries\nTrouble: No server\n/u);
  });
});
