import assert from 'node:assert/strict';

import { createLogTail } from '../../../../src/watch/index.ts';
import type { LogChange, LogLine, LogTail } from '../../../../src/watch/index.ts';
import { FakeClock, settle } from '../fakeClock.ts';
import { EndlessLog, FakeLog } from './fakeLog.ts';

/** Keeps the lines a page would show, only from what the tail says. */
class Page {
  readonly changes: LogChange[] = [];
  lines: LogLine[] = [];

  constructor(tail: LogTail) {
    tail.onDidChange((change) => {
      this.changes.push(change);
      if (change.kind === 'reset') this.lines = [...tail.window.lines];
      if (change.kind === 'appended') {
        if (change.replaced > 0) this.lines.splice(-change.replaced);
        this.lines.push(...change.lines);
        this.lines.splice(0, change.dropped);
      }
      if (change.kind === 'prepended') {
        this.lines.unshift(...change.lines);
        if (change.dropped > 0) this.lines.splice(-change.dropped);
      }
      // Not deepEqual: it takes minutes to tell how thousands of lines differ.
      assert.ok(JSON.stringify(this.lines) === JSON.stringify(tail.window.lines), change.kind);
    });
  }

  get text(): string {
    return this.lines.map((line) => line.text).join('\n');
  }

  get kinds(): string[] {
    return this.changes.splice(0).map((change) => change.kind);
  }
}

describe('log tail', () => {
  let clock: FakeClock;
  let log: FakeLog;
  let tail: LogTail;
  let page: Page;

  beforeEach(() => {
    clock = new FakeClock();
    log = new FakeLog();
    use();
  });

  afterEach(() => tail.dispose());

  function use(options: { maxLines?: number; maxBytes?: number } = {}, source = log): void {
    tail = createLogTail(source, 'payload.stdout', { clock, random: () => 0.5, ...options });
    page = new Page(tail);
  }

  async function begin(content?: string): Promise<void> {
    if (content !== undefined) log.append(content);
    tail.start();
    await clock.next();
  }

  async function lastLine(text: string): Promise<void> {
    for (let turn = 0; turn < 200 && page.lines.at(-1)?.text !== text; turn += 1) await settle();
    assert.equal(page.lines.at(-1)?.text, text);
  }

  function numbered(from: number, to: number): string {
    let text = '';
    for (let line = from; line <= to; line += 1) text += `line ${line}\n`;
    return text;
  }

  it('reads nothing before it is started', async () => {
    log.append('hello\n');
    await clock.pass(60_000);
    assert.deepEqual([log.reads, tail.window.status], [[], { kind: 'waiting' }]);
  });

  it('waits for a file, then follows it as it grows', async () => {
    await begin();
    assert.deepEqual(tail.window.status, { kind: 'waiting' });
    log.append('one\ntw');
    await clock.next();
    assert.equal(page.text, 'one\ntw');
    assert.deepEqual(tail.window.status, { kind: 'following' });
    log.append('o\nthree\n');
    assert.equal(await clock.next(), 1000);
    assert.equal(page.text, 'one\ntwo\nthree');
    assert.deepEqual([tail.window.from, tail.window.to, tail.window.firstLine], [0, 14, 1]);
    assert.deepEqual(page.kinds, ['reset', 'status', 'appended']);
  });

  it('reads no more than grew, and looks less often when nothing does', async () => {
    await begin(numbered(1, 100));
    log.bytesRead = 0;
    log.append('more\n');
    await clock.next();
    assert.ok(log.bytesRead <= 5 + 64);
    const waits: number[] = [];
    for (let look = 0; look < 20; look += 1) waits.push(await clock.next());
    assert.deepEqual([waits[0], waits.at(-1)], [1000, 15_000]);
    log.append('more\n');
    await clock.next();
    assert.equal(clock.untilNext, 1000);
  });

  it('begins with the last 256 kB of a big file, at a whole line', async () => {
    await begin(numbered(1, 100_000));
    assert.ok(log.bytesRead <= 320 * 1024);
    assert.match(page.lines[0]?.text ?? '', /^line \d+$/u);
    assert.equal(page.lines.at(-1)?.text, 'line 100000');
    assert.ok(tail.window.to - tail.window.from <= 256 * 1024);
    assert.equal(tail.window.firstLine, null);
    assert.equal(tail.window.size, log.content?.length);
  });

  it('loads earlier pieces up to the beginning', async () => {
    await begin(numbered(1, 60_000));
    for (let most = 40; most > 0 && (await tail.loadEarlier()); most -= 1)
      assert.ok(page.lines.length <= 20_000);
    assert.equal(page.lines[0]?.text, 'line 1');
    assert.deepEqual([tail.window.from, tail.window.firstLine], [0, 1]);
    assert.deepEqual(tail.window.status, { kind: 'paused' }, 'the window no longer reaches the end');
    assert.equal(clock.timers, 0);
    for (let at = 1; at < page.lines.length; at += 1) assert.equal(page.lines[at]?.text, `line ${at + 1}`);
  });

  it('goes on to later pieces, and follows again at the end', async () => {
    await begin(numbered(1, 60_000));
    await tail.goTo(0);
    assert.deepEqual([page.lines[0]?.text, tail.window.status], ['line 1', { kind: 'paused' }]);
    for (let most = 40; most > 0 && (await tail.loadLater()); most -= 1)
      assert.ok(page.lines.length <= 20_000);
    assert.equal(page.lines.at(-1)?.text, 'line 60000');
    assert.deepEqual(tail.window.status, { kind: 'following' });
    assert.equal(tail.window.firstLine, 60_000 - page.lines.length + 1);
    log.append('the end\n');
    await clock.next();
    assert.equal(page.lines.at(-1)?.text, 'the end');
  });

  it('goes to a line, and back to the end', async () => {
    await begin(numbered(1, 60_000));
    const offset = log.content?.indexOf('line 30000\n') ?? -1;
    await tail.goTo(offset);
    assert.ok(page.lines.some((line) => line.offset === offset && line.text === 'line 30000'));
    assert.deepEqual(tail.window.status, { kind: 'paused' });
    log.append('the end\n');
    await tail.goToEnd();
    assert.equal(page.lines.at(-1)?.text, 'the end');
    assert.deepEqual(tail.window.status, { kind: 'following' });
    await tail.goTo(1e9);
    assert.equal(page.lines.at(-1)?.text, 'the end');
  });

  it('finds the first error, and knows the line numbers there', async () => {
    await begin(`${numbered(1, 40_000)}ERROR: it broke\n${numbered(40_002, 80_000)}`);
    const hit = await tail.firstError();
    assert.deepEqual([hit?.number, hit?.text], [40_001, 'ERROR: it broke']);
    await tail.goTo(hit?.offset ?? 0);
    const index = page.lines.findIndex((line) => line.offset === hit?.offset);
    assert.equal((tail.window.firstLine ?? NaN) + index, 40_001);
    await tail.loadEarlier();
    assert.equal(page.lines[0]?.text, `line ${tail.window.firstLine}`);
  });

  for (const [what, next] of [
    ['cut', 'new\n'],
    ['replaced by a longer one', `another ${'log '.repeat(2000)}\nnew\n`],
  ] as const) {
    it(`begins anew when the file was ${what}`, async () => {
      await begin(numbered(1, 500));
      log.content = Buffer.from(next);
      await clock.next();
      assert.equal(page.text, next.trimEnd());
      log.append('more\n');
      await clock.next();
      assert.equal(page.lines.at(-1)?.text, 'more');
    });
  }

  it('forgets the line numbers of a file that was replaced', async () => {
    await begin(`${numbered(1, 40_000)}ERROR: it broke\n${numbered(40_002, 80_000)}`);
    const { offset } = (await tail.firstError()) ?? assert.fail();
    log.content = Buffer.from('x\n'.repeat(1_000_000));
    await clock.next();
    await tail.goTo(offset);
    assert.ok(page.lines.some((line) => line.offset === offset));
    assert.equal(tail.window.firstLine, null);
  });

  it('begins anew when the file was emptied', async () => {
    await begin(numbered(1, 500));
    log.content = Buffer.alloc(0);
    await clock.next();
    assert.deepEqual([page.lines, tail.window.size], [[], 0]);
  });

  it('jumps to the end of what grew by very much', async () => {
    await begin('start\n');
    log.append(numbered(1, 1_000_000));
    log.bytesRead = 0;
    await clock.next();
    assert.equal(page.lines.at(-1)?.text, 'line 1000000');
    assert.ok(log.bytesRead < 1024 * 1024);
  });

  it('stands still while hidden, and catches up', async () => {
    await begin('one\n');
    tail.setAttention('hidden');
    assert.deepEqual([tail.window.status, clock.timers], [{ kind: 'paused' }, 0]);
    log.append('two\n');
    tail.setAttention('focused');
    await clock.pass(0);
    assert.equal(page.text, 'one\ntwo');
    assert.deepEqual(tail.window.status, { kind: 'following' });
  });

  it('reads what is left when the job is over, then ends', async () => {
    await begin('one\n');
    log.append('two\n');
    tail.finish();
    await clock.pass(0);
    assert.equal(page.text, 'one\ntwo');
    assert.deepEqual([tail.window.status, clock.timers], [{ kind: 'ended', missing: false }, 0]);
    assert.equal(await tail.loadEarlier(), false);
  });

  it('ends without a file where the job left none', async () => {
    await begin();
    tail.finish();
    await clock.pass(0);
    assert.deepEqual([tail.window.status, clock.timers], [{ kind: 'ended', missing: true }, 0]);
  });

  it('reads a log that ended before it was opened', async () => {
    log.append(numbered(1, 10));
    tail.finish();
    tail.start();
    await clock.pass(0);
    assert.deepEqual([page.lines.length, tail.window.status], [10, { kind: 'ended', missing: false }]);
  });

  it('says that it cannot read, tries again ever later, and recovers', async () => {
    await begin('one\n');
    log.error = new Error('connection lost');
    const waits: number[] = [];
    for (let look = 0; look < 7; look += 1) {
      await clock.next();
      const { status } = tail.window;
      assert.ok(status.kind === 'failing' && status.error === log.error);
      assert.ok(Math.abs(status.nextTry - clock.wallTime - (clock.untilNext ?? 0)) < 1);
      waits.push(clock.untilNext ?? 0);
    }
    assert.deepEqual(waits, [1750, 3500, 7000, 14_000, 28_000, 52_500, 52_500]);
    log.error = undefined;
    log.append('two\n');
    await clock.next();
    assert.deepEqual([page.text, tail.window.status], ['one\ntwo', { kind: 'following' }]);
  });

  it('rejects what it was asked for as the read did', async () => {
    await begin(numbered(1, 60_000));
    log.error = new Error('connection lost');
    await assert.rejects(tail.loadEarlier(), log.error);
    await assert.rejects(tail.goTo(0), log.error);
    log.error = undefined;
    assert.equal(await tail.loadEarlier(), true);
  });

  it('takes pieces as short as the source gives them', async () => {
    log.most = 1000;
    await begin(numbered(1, 20_000));
    await lastLine('line 20000');
    log.append(numbered(20_001, 21_000));
    await clock.next();
    await lastLine('line 21000');
  });

  it('passes over no line where lines are short', async () => {
    await begin(`${'\n'.repeat(300_000)}end\n`);
    let top = tail.window.from;
    while (await tail.loadEarlier()) {
      assert.ok(tail.window.to >= top, 'the window hangs together');
      top = tail.window.from;
    }
    assert.equal(tail.window.from, 0);
    await tail.goTo(150_000);
    assert.ok(page.lines.some((line) => line.offset === 150_000));
    const { to } = tail.window;
    await tail.loadLater();
    assert.ok(tail.window.from <= to && tail.window.to > to);
  });

  it('says how fast the file grows', async () => {
    await begin('x');
    for (let second = 0; second < 20; second += 1) {
      log.append(Buffer.alloc(5000, 'y'));
      await clock.next();
    }
    assert.equal(tail.window.rate, 5000);
    page.changes.splice(0);
    for (let look = 0; look < 12; look += 1) await clock.next();
    assert.equal(tail.window.rate, 0);
    assert.ok(page.kinds.includes('status'));
  });

  it('keeps within its bounds in a gigabyte', async () => {
    const source = new EndlessLog(1024 ** 3, 'INFO a line of the payload\n');
    tail.dispose();
    tail = createLogTail(source, 'payload.stdout', {
      clock,
      random: () => 0.5,
      maxBytes: 2e6,
      maxLines: 1e6,
    });
    tail.start();
    await clock.next();
    for (let piece = 0; piece < 40; piece += 1) await tail.loadEarlier();
    assert.ok(tail.window.to - tail.window.from <= 2e6);
    assert.ok(source.bytesRead < 12e6);
    await tail.goTo(5e8);
    for (let piece = 0; piece < 20; piece += 1) await tail.loadLater();
    assert.ok(tail.window.to - tail.window.from <= 2e6 && tail.window.from > 5e8);
  });

  it('stops everything when it is disposed of', async () => {
    await begin(numbered(1, 60_000));
    const earlier = tail.loadEarlier();
    tail.dispose();
    await assert.rejects(earlier, { name: 'AbortError' });
    await assert.rejects(tail.firstError(), { name: 'AbortError' });
    tail.setAttention('visible');
    tail.finish();
    await settle();
    assert.equal(clock.timers, 0);
  });
});
