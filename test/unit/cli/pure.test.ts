import assert from 'node:assert/strict';
import { parseOptions } from '../../../src/cli/options.ts';
import { readPandaIds } from '../../../src/cli/jobs/pandaIds.ts';
import { createLogReader, tailOffset } from '../../../src/cli/jobs/logReader.ts';
import { createLinePrinter } from '../../../src/cli/render/logLines.ts';
import { clean, cleanLine, styleFor, terminalSafe } from '../../../src/cli/render/style.ts';
import { renderTable } from '../../../src/cli/render/table.ts';
import { cut, cutStart, displayWidth } from '../../../src/cli/render/width.ts';
import { parseCount, parseMemory, parseSeconds } from '../../../src/transformations/index.ts';
import { PandaError } from '../../../src/panda/index.ts';
import { nearMatches } from '../../../src/watch/index.ts';
import type { LogSource } from '../../../src/watch/index.ts';

const signal = new AbortController().signal;

describe('command line values', () => {
  const table: readonly (readonly [(text: string) => number | undefined, string, number | undefined])[] = [
    [parseMemory, '4000', 4000],
    [parseMemory, '4G', 4000],
    [parseMemory, '1.5 GB', 1500],
    [parseMemory, '2GiB', 2000],
    [parseMemory, '1T', 1_000_000],
    [parseMemory, '0', undefined],
    [parseMemory, '-1G', undefined],
    [parseMemory, '4X', undefined],
    [parseMemory, '1e300', undefined],
    [parseSeconds, '3600', 3600],
    [parseSeconds, '90m', 5400],
    [parseSeconds, '1h30m', 5400],
    [parseSeconds, '2d 1h', 176_400],
    [parseSeconds, '1:30:00', 5400],
    [parseSeconds, '0', undefined],
    [parseSeconds, '1:99:00', undefined],
    [parseSeconds, 'soon', undefined],
    [(text) => parseCount(text, 1), '12', 12],
    [(text) => parseCount(text, 1), '0', undefined],
    [(text) => parseCount(text, 0), '1.5', undefined],
    [(text) => parseCount(text, 0), '9'.repeat(20), undefined],
  ];
  for (const [parse, text, value] of table) {
    it(`${text} is ${value}`, () => assert.equal(parse(text), value));
  }

  it('keeps what stands behind -- as it is', () => {
    const args = parseOptions(['s.sh', '--site', 'X', '--', '--site', '--', '-h'], {
      name: 'submit',
      options: [{ name: 'site', value: 'SITE', help: '' }],
    });
    assert.deepEqual(args.positionals, ['s.sh']);
    assert.equal(args.text('site'), 'X');
    assert.deepEqual(args.rest, ['--site', '--', '-h']);
  });

  it('reads PandaIDs, each once', () => {
    assert.deepEqual(readPandaIds(['6900000002', '1', '6900000002'], 'cancel'), [6900000002, 1]);
    for (const word of ['0', '-1', '1.5', '99999999999999999', 'x']) {
      assert.throws(() => readPandaIds([word], 'cancel'), /is no PandaID/);
    }
  });

  it('finds names that are likely meant', () => {
    assert.deepEqual(nearMatches('wiat', ['wait', 'site', 'name']), ['wait']);
    assert.deepEqual(nearMatches('exit', ['wait', 'site', 'name']), []);
    assert.deepEqual(nearMatches('X', ['SANDBOX']), []);
    assert.deepEqual(nearMatches('slac', ['SLAC_Rubin', 'USDF', 'SLAC_Rubin_8G']), [
      'SLAC_Rubin',
      'SLAC_Rubin_8G',
    ]);
  });
});

describe('text for a terminal', () => {
  it('knows how wide characters are', () => {
    const widths: readonly (readonly [string, number])[] = [
      ['abc', 3],
      ['会议', 4],
      ['ａ', 2],
      ['e\u0301', 1],
      ['👩‍🚀', 2],
      ['🇨🇭', 2],
      ['✓ ○', 3],
      ['\u200b', 0],
      ['', 0],
    ];
    for (const [text, width] of widths) assert.equal(displayWidth(text), width, text);
  });

  it('cuts at whole characters', () => {
    assert.equal(cut('会议数据', 5), '会议…');
    assert.equal(cut('会议数据', 8), '会议数据');
    assert.equal(cut('会议数据', 6), '会议…');
    assert.equal(cut('abc', 1), '…');
    assert.equal(cutStart('会议数据', 5), '…数据');
    assert.equal(cutStart('会议数据', 8), '会议数据');
    assert.equal(cutStart('abc', 1), '…');
  });

  it('keeps the ends of names where these tell them apart', () => {
    const lines = renderTable(
      [{ title: 'PROCESS', flexible: true, keepEnd: true }, { title: 'STATE' }],
      [[{ text: 'DESC.singleSensor.simulate' }, { text: 'FAILED' }]],
      { width: 18, paintTitle: String },
    );
    assert.deepEqual(lines, ['PROCESS     STATE', '….simulate  FAILED']);
  });

  it('aligns columns whatever is in them', () => {
    const lines = renderTable(
      [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'END' }],
      [
        [{ text: '会议' }, { text: '1' }, { text: 'x' }],
        [{ text: 'abcdef' }, { text: '1000' }, { text: '' }],
      ],
      { paintTitle: (text) => text },
    );
    assert.deepEqual(lines, ['NAME       N  END', '会议       1  x', 'abcdef  1000']);
  });

  it('lets nobody steer the terminal', () => {
    assert.equal(cleanLine('a\u001b[2Jb\nc\u0007\u009b\u202e'), 'a␛[2Jb c␇\ufffd\ufffd');
    assert.equal(clean('a\n\u001b]0;x\u0007'), 'a\n␛]0;x␇');
    assert.equal(
      terminalSafe('\u001b[31mred\u001b[0m\r\n\u001b[2J\u001b]8;;x'),
      '\u001b[31mred\u001b[0m\r\n␛[2J␛]8;;x',
    );
  });

  it('paints only where colours are wanted', () => {
    const painted = (isTTY: boolean, env: Record<string, string>): string =>
      styleFor(isTTY, env).paint('x', 31);
    assert.equal(painted(true, {}), '\u001b[31mx\u001b[39m');
    for (const plain of [
      painted(false, {}),
      painted(true, { NO_COLOR: '1' }),
      painted(true, { TERM: 'dumb' }),
    ]) {
      assert.equal(plain, 'x');
    }
    assert.notEqual(painted(true, { NO_COLOR: '' }), 'x');
  });

  it('puts pieces together to lines', () => {
    const lines: string[] = [];
    const printer = createLinePrinter((line) => lines.push(line));
    for (const piece of ['a', 'b\nc\r\n', '', 'd']) printer.add(piece);
    assert.deepEqual(lines, ['ab', 'c']);
    printer.end();
    printer.end();
    assert.deepEqual(lines, ['ab', 'c', 'd']);
  });
});

describe('reading a log', () => {
  const sourceOf = (content: () => Buffer | undefined, most = 3): LogSource => ({
    read: (_file, from, length) => {
      const bytes = content();
      if (bytes === undefined) {
        const facts = { kind: 'notFound', tried: 'read', cameBack: 'nothing', advice: 'wait' } as const;
        return Promise.reject(new PandaError(facts));
      }
      return Promise.resolve({
        from,
        bytes: bytes.subarray(from, from + Math.min(length, most)),
        size: bytes.length,
      });
    },
  });

  it('goes on where it stopped, and cuts no character', async () => {
    let content: Buffer | undefined;
    let text = '';
    const reader = createLogReader(
      sourceOf(() => content),
      'payload.stdout',
    );
    const readOn = () =>
      reader.readOn((piece) => {
        text += piece;
        return Promise.resolve();
      }, signal);
    assert.equal(await readOn(), false);
    content = Buffer.from('a会议\u{1f43c}b');
    assert.equal(await readOn(), true);
    assert.equal(text, 'a会议\u{1f43c}b');
    content = Buffer.from('a会议\u{1f43c}bcd');
    await readOn();
    assert.equal(text, 'a会议\u{1f43c}bcd');
  });

  it('finds where the last lines begin', async () => {
    const text = 'one\ntwo\n\nfour\n';
    const offset = (count: number, content = text) =>
      tailOffset(
        sourceOf(() => Buffer.from(content), 1_000_000),
        'payload.stdout',
        count,
        signal,
      );
    assert.equal(text.slice(await offset(1)), 'four\n');
    assert.equal(text.slice(await offset(2)), '\nfour\n');
    assert.equal(text.slice(await offset(3)), 'two\n\nfour\n');
    assert.equal(await offset(9), 0);
    assert.equal(await offset(1, 'no end'), 0);
    assert.equal(await offset(1, 'a\nb'), 2);
    assert.equal(await offset(1, ''), 0);
    const large = `${'x'.repeat(1_500_000)}\nlast\n`;
    assert.equal(await offset(1, large), 1_500_001);
    assert.equal(await offset(2, large), 0);
  });
});
