import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openLog } from '../../../../src/pipeline/index.ts';
import type { Log, LogConfig } from '../../../../src/pipeline/index.ts';

describe('the log of the job control service', () => {
  let folder: string;
  let printed: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-'));
    printed = '';
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (config: Partial<LogConfig> = {}): Log =>
    openLog(
      { file: join(folder, 'log', 'a.log'), level: 'info', maxBytes: 300, keep: 2, ...config },
      () => Date.parse('2026-11-28T05:00:00Z'),
      (line) => (printed += line),
    );

  it('is one JSON object a line', async () => {
    const log = open();
    log.tell('debug', 'too small');
    log.tell('warning', 'mail.waiting', { instance: '1', reason: 'a "b"\nc', tries: 2 });
    log.close();
    const text = await readFile(join(folder, 'log', 'a.log'), 'utf8');
    assert.equal(text.indexOf('\n'), text.length - 1);
    assert.deepEqual(JSON.parse(text), {
      time: '2026-11-28T05:00:00.000Z',
      level: 'warning',
      event: 'mail.waiting',
      instance: '1',
      reason: 'a "b"\nc',
      tries: 2,
    });
  });

  it('is written at the end of a turn, at once where it matters', async () => {
    const log = open();
    const text = (): string => readFileSync(join(folder, 'log', 'a.log'), 'utf8');
    log.tell('info', 'one');
    assert.equal(text(), '');
    await setImmediate();
    assert.match(text(), /^.*one.*\n$/);
    log.tell('info', 'two');
    log.tell('error', 'three');
    assert.match(text(), /one[^]*two[^]*three/);
    log.tell('info', 'four', { long: 'x'.repeat(5000) });
    log.close();
    assert.match(text(), /four.*x{4000}…"}\n$/);
  });

  it('begins a new file before one is too large, and keeps some', async () => {
    const log = open();
    for (let number = 0; number < 20; number++) log.tell('info', `event ${number}`);
    log.close();
    const names = await readdir(join(folder, 'log'));
    assert.deepEqual(names.toSorted(), ['a.log', 'a.log.1', 'a.log.2']);
    const read = (end: string): Promise<string> => readFile(join(folder, 'log', `a.log${end}`), 'utf8');
    const texts = await Promise.all(['.2', '.1', ''].map(read));
    const numbers = texts.join('').match(/event \d+/g) ?? [];
    assert.equal(numbers.at(-1), 'event 19');
    assert.equal(numbers.length, 20 - Number(numbers[0]?.slice(6)), 'none is missing in between');
    assert.ok(texts.every((text) => text.length <= 300 && text.endsWith('\n')));
  });

  it('loses and tears no line while it rotates under load, and others rotate, too', async () => {
    const lines = 20_000;
    const file = join(folder, 'log', 'a.log');
    const log = open({ maxBytes: 20_000, keep: 1000 });
    for (let number = 0; number < lines; number++) {
      log.tell(number % 7 === 0 ? 'warning' : 'info', `event ${number}`, { text: 'x'.repeat(number % 90) });
      if (number % 50 === 0) await setImmediate();
      // As logrotate does it.
      if (number % 3000 === 1) await rename(file, join(folder, 'log', `moved-${number}`));
    }
    log.close();
    const names = await readdir(join(folder, 'log'));
    const texts = await Promise.all(names.map((name) => readFile(join(folder, 'log', name), 'utf8')));
    const numbers = texts.flatMap((text) =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => Number((JSON.parse(line) as { readonly event: string }).event.slice(6))),
    );
    assert.ok(names.length > 50 && texts.every((text) => text.endsWith('\n') && text.length <= 20_000));
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      Array.from({ length: lines }, (_, number) => number),
    );
  });

  it('goes on in a new file where another program moved the old one', async () => {
    const log = open({ maxBytes: 100_000 });
    log.tell('warning', 'one');
    await rename(join(folder, 'log', 'a.log'), join(folder, 'moved'));
    log.tell('info', 'two');
    log.close();
    assert.match(await readFile(join(folder, 'log', 'a.log'), 'utf8'), /^.*two.*\n$/);
  });

  it('goes to standard error without a file, and where the disk is full', function () {
    const plain = open({ file: undefined });
    plain.tell('info', 'one');
    plain.close();
    if (process.platform !== 'linux') this.skip();
    const full = open({ file: '/dev/full' });
    full.tell('info', 'two');
    full.tell('info', 'three');
    full.close();
    assert.deepEqual(printed.match(/one|Could not write|ENOSPC|two|three/g), [
      'one',
      'Could not write',
      'ENOSPC',
      'two',
      'three',
    ]);
  });
});
