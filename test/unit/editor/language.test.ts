import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catalogSuggestions } from '../../../src/editor/language/catalogCompletion.ts';
import { catalogHover } from '../../../src/editor/language/catalogHover.ts';
import { commandFileHover, commandFileSuggestions } from '../../../src/editor/language/commandFileHelp.ts';
import { OutlineBuilder } from '../../../src/editor/language/catalogOutline.ts';
import { checkFile } from '../../../src/editor/language/checkFile.ts';
import { submissionHelp } from '../../../src/editor/language/submissionSchema.ts';
import { yamlPlace } from '../../../src/editor/language/yamlPlace.ts';
import {
  CATALOG_COMMANDS,
  OBJECT_FIELDS,
  PHYSICS_COMMANDS,
  SPATIAL_MODELS,
  submissionFileSchema,
} from '../../../src/transformations/index.ts';
import { Rechecks } from '../../../src/editor/language/rechecks.ts';
import type { Checked } from '../../../src/editor/language/checkProtocol.ts';
import type { Clock } from '../../../src/watch/index.ts';

const root = join(import.meta.dirname, '../../..');
const samples = join(root, 'test/fixtures/samples');
const OBJECT =
  'object 2001 53.0151385 -27.4459488 22.1 ../sky/sed_flat.txt 0.61 0.0042 -0.0017 0.0031 0 0 sersic2d 0.82 0.54 37.5 1.0 CCM 0.12 3.1 none';

interface Expected {
  readonly detected: boolean;
  readonly diagnostics: readonly {
    readonly line: number;
    readonly severity: string;
    readonly code: string;
  }[];
}

const expected = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8')) as Record<string, Expected>;
const signal = new AbortController().signal;

async function* pieces(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) {
    yield content.subarray(at, at + size);
    await Promise.resolve();
  }
}

function hover(line: string, word: string): string {
  const found = catalogHover(line, line.indexOf(word));
  assert.ok(found, `nothing about ${word}`);
  assert.equal(line.slice(found.from, found.to), word);
  return decoded(found.markdown);
}

/** Markdown without what keeps its characters from having a meaning there. */
function decoded(markdown: string): string {
  return markdown.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

describe('the check of an open file', () => {
  for (const [name, { diagnostics }] of Object.entries(expected)) {
    const kind = name.endsWith('.yaml') ? 'yaml' : 'catalog';
    const told = (checked: Checked): unknown[] =>
      checked.diagnostics.map(({ line, severity, code }) => ({ line, severity, code }));

    it(`finds in ${name} what is expected, in the file and in what the editor holds of it`, async () => {
      const path = join(samples, name);
      const ofFile = await checkFile({ path, kind }, undefined, signal);
      const ofText = await checkFile({ path, kind }, pieces(readFileSync(path), 100), signal);
      const sort = (all: unknown[]): string[] => all.map((one) => JSON.stringify(one)).sort();
      assert.deepEqual(sort(told(ofFile)), sort([...diagnostics]));
      assert.deepEqual(told(ofText), told(ofFile));
    });
  }

  it('knows a submit file of BPS and a command file, and leaves other YAML alone', async () => {
    const bps = await checkFile({ path: join(samples, 'bps_submit.yaml'), kind: 'yaml' }, undefined, signal);
    assert.equal(bps.kind, 'bps');
    const other = await checkFile(
      { path: '/x.yaml', kind: 'yaml' },
      pieces(Buffer.from('a: 1\n'), 9),
      signal,
    );
    assert.deepEqual(other, { kind: undefined, diagnostics: [] });
    const commands = pieces(Buffer.from('fringing 0\nclear'), 99);
    const { diagnostics } = await checkFile({ path: '/x', kind: 'commandFile' }, commands, signal);
    assert.ok(diagnostics.some(({ code }) => code === 'no-final-newline'));
  });

  it('finds what is wrong in a task file of the pipeline, and leaves other XML alone', async () => {
    const check = (text: string): Promise<Checked> =>
      checkFile({ path: '/w/task.xml', kind: 'xml' }, pieces(Buffer.from(text), 50), signal);
    const task = [
      '<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline">',
      '  <task name="HelloPanda" type="LSST" version="1.0">',
      '    <process name="hello"><job executable="hello"/><depends><after process="hullo"/></depends></process>',
      '  </task>',
      '</pipeline>',
    ].join('\n');
    const { kind, diagnostics } = await check(task);
    assert.equal(kind, 'taskFile');
    const [problem] = diagnostics;
    assert.equal(diagnostics.length, 1);
    assert.equal(problem?.line, 3);
    assert.equal(problem.column, (task.split('\n')[2] ?? '').indexOf('process="hullo"') + 1);
    assert.deepEqual(await check('<project/>'), { kind: undefined, diagnostics: [] });
  });

  it('looks for the files that a submission names, in its folder and in the workspace', async () => {
    const path = join(samples, '..', 'panda-transcripts', 'one.panda.yaml');
    const text =
      'transformation: phosim\nfile: ../samples/instcat_small.txt\nparameters: {sensor: R22_S33}\n';
    const codes = async (workspace: string): Promise<readonly string[]> => {
      const request = { path, kind: 'submission', workspace } as const;
      const { diagnostics } = await checkFile(request, pieces(Buffer.from(text), 50), signal);
      return diagnostics.map(({ line, message }) => `${line} ${message.replace(/:? .*/u, '')}`);
    };
    assert.deepEqual(await codes(dirname(path)), ['2 ../samples/instcat_small.txt']);
    assert.deepEqual(await codes(dirname(samples)), ['3 There']);
  });

  it('looks for spectra where it is told of a folder', async () => {
    const path = join(samples, 'star_cat_900002.txt');
    const request = { path, kind: 'catalog', sedFolder: samples } as const;
    const { diagnostics } = await checkFile(request, undefined, signal);
    assert.deepEqual(
      diagnostics.map(({ line, code }) => `${line} ${code}`),
      ['1 sed-missing', '2 sed-missing'],
    );
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    stop.abort();
    const path = join(samples, 'instcat_small.txt');
    await assert.rejects(checkFile({ path, kind: 'catalog' }, undefined, stop.signal), {
      name: 'AbortError',
    });
  });
});

describe('repeated checks', () => {
  function slowClock(): Clock & { tick(): void } {
    const timers = new Set<() => void>();
    return {
      now: () => 0,
      after(_, callback) {
        timers.add(callback);
        return { dispose: () => timers.delete(callback) };
      },
      tick() {
        for (const timer of [...timers]) {
          timers.delete(timer);
          timer();
        }
      },
    };
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const checked = (code: string): Checked => ({
    kind: 'catalog',
    diagnostics: [{ line: 1, severity: 'error', code, message: '' }],
  });

  it('run once for many keystrokes, and keep the newest result only', async () => {
    const clock = slowClock();
    const rechecks = new Rechecks(clock, (error) => assert.fail(String(error)));
    const runs: { readonly signal: AbortSignal; readonly end: (result: Checked) => void }[] = [];
    const run = (aborted: AbortSignal): Promise<Checked> =>
      new Promise((resolve) => runs.push({ signal: aborted, end: resolve }));
    const changes: string[] = [];
    rechecks.onDidChange((key) => changes.push(key));
    rechecks.request('a', 400, run);
    rechecks.request('a', 400, run);
    clock.tick();
    assert.equal(runs.length, 1);
    rechecks.request('a', 400, run);
    assert.equal(runs[0]?.signal.aborted, true);
    clock.tick();
    runs[1]?.end(checked('new'));
    runs[0]?.end(checked('old'));
    await settled();
    assert.equal(rechecks.result('a')?.diagnostics[0]?.code, 'new');
    assert.deepEqual(changes, ['a']);
    rechecks.forget('a');
    assert.equal(rechecks.result('a'), undefined);
    assert.deepEqual(changes, ['a', 'a']);
  });

  it('note what went wrong, but not that they were replaced', async () => {
    const clock = slowClock();
    const noted: unknown[] = [];
    const rechecks = new Rechecks(clock, (error) => noted.push(error));
    rechecks.request('a', 0, () => Promise.reject(new Error('disk on fire')));
    clock.tick();
    await settled();
    assert.match(String(noted[0]), /disk on fire/);
    rechecks.request(
      'a',
      0,
      (stop) =>
        new Promise((_, reject) => {
          stop.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    clock.tick();
    rechecks.dispose();
    await settled();
    assert.equal(noted.length, 1);
  });
});

describe('what a catalog means', () => {
  it('is told at each word, with units', () => {
    assert.match(hover('vistime 33.0', 'vistime'), /Exposure time.*, s\./s);
    assert.match(hover('filter 2', '2'), /2 is r/);
    assert.match(hover('mjd 59797.2854090', '59797.2854090'), /2022-08-06 06:50:59 UTC/);
    assert.match(hover('Unrefracted_RA_deg 5', 'Unrefracted_RA_deg'), /rightascension/);
    assert.match(hover(OBJECT, '22.1'), /AB magnitude at 500 nm, mag/);
    assert.match(hover(OBJECT, 'sersic2d'), /half-light/);
    assert.match(hover(OBJECT, '37.5'), /sersic2d 3/);
    assert.match(hover(OBJECT, 'CCM'), /in the source/);
    assert.match(hover(OBJECT, '3.1'), /R_V/);
    assert.match(hover(OBJECT, 'none'), /laboratory/);
    assert.equal(catalogHover('# vistime', 3), undefined);
    assert.equal(catalogHover('wibble 3', 0), undefined);
  });

  it('is told for every word by each of its names, with unit, range and default', () => {
    for (const command of CATALOG_COMMANDS) {
      for (const name of [command.name, ...command.aliases]) {
        const text = hover(`${name} 1`, name);
        assert.ok(text.includes(command.meaning), name);
        assert.ok(text.includes(command.unit), name);
        assert.ok(command.default === undefined || text.includes(command.default), name);
      }
    }
    const words = OBJECT.split(' ');
    for (const [index, { name, meaning, unit }] of OBJECT_FIELDS.entries()) {
      if (name === 'MODEL') continue;
      const from = words.slice(0, index + 1).join(' ').length + 1;
      const text = decoded(catalogHover(OBJECT, from)?.markdown ?? '');
      assert.ok(text.includes(name) && text.includes(meaning) && text.includes(unit), `${name}: ${text}`);
    }
    for (const name of SPATIAL_MODELS.keys()) {
      const fields = words.slice(0, 12).join(' ');
      assert.match(
        catalogHover(`${fields} ${name}`, fields.length + 1)?.markdown ?? '',
        /Shape of the source/,
      );
    }
    for (const { name, meaning } of PHYSICS_COMMANDS) {
      assert.ok(decoded(commandFileHover(`${name} 1`, 0)?.markdown ?? '').includes(meaning), name);
    }
  });

  it('ends where a comment begins', () => {
    assert.equal(catalogHover('filter 2 # the red one', 10), undefined);
    assert.deepEqual(catalogSuggestions('filter 2 # '), []);
    const builder = new OutlineBuilder();
    builder.line('filter 2 # the red one', 0);
    builder.line('# filter 3', 1);
    assert.deepEqual(
      builder.result()[0]?.children.map(({ name, detail }) => `${name}: ${detail}`),
      ['filter: 2'],
    );
  });

  it('is offered where it fits', () => {
    const labels = (before: string): string[] => catalogSuggestions(before).map(({ label }) => label);
    assert.ok(labels('').includes('rightascension') && labels('').includes('Opsim_filter'));
    assert.deepEqual(labels('filter '), ['0', '1', '2', '3', '4', '5']);
    const fixedFields = OBJECT.split(' ').slice(0, 12).join(' ');
    assert.ok(labels(`${fixedFields} `).includes('gauss'));
    assert.deepEqual(labels(`${fixedFields} sersic2d 0.8 0.5 37.5 `), []);
    assert.equal(labels(`${fixedFields} sersic2d 0.8 0.5 37.5 1 `)[0], 'none');
    assert.ok(labels(`${fixedFields} point CCM 0.1 3.1 `).includes('none'));
    assert.deepEqual(labels('# '), []);
  });

  it('is told in command files too', () => {
    assert.match(commandFileHover('fringing 0', 2)?.markdown ?? '', /0 or 1/);
    assert.match(commandFileHover('seed 1', 1)?.markdown ?? '', /random numbers/);
    assert.ok(commandFileSuggestions('').some(({ label }) => label === 'cleardefects'));
    assert.deepEqual(commandFileSuggestions('fringing '), []);
  });

  it('makes an outline of header, includes and runs of objects', () => {
    const lines = readFileSync(join(samples, 'instcat_small.txt'), 'utf8').split('\n');
    const builder = new OutlineBuilder();
    lines.forEach((line, number) => builder.line(line, number));
    const [header, ...runs] = builder.result();
    assert.equal(header?.name, 'Header');
    assert.equal(header?.children.find(({ name }) => name === 'filter')?.detail, '2');
    assert.deepEqual(
      runs.map(({ name, detail }) => `${name}: ${detail}`),
      [
        'point: 1 object',
        'star: 1 object',
        'gauss: 1 object',
        'sersic2d: 3 objects',
        'movingpoint: 1 object',
      ],
    );
  });

  it('keeps the outline of any catalog small', () => {
    const builder = new OutlineBuilder();
    const fields = OBJECT.split(' ').slice(0, 12).join(' ');
    for (let line = 0; line < 5000; line += 1)
      builder.line(`${fields} ${line % 2 === 0 ? 'point' : 'gauss'}`, line);
    const items = builder.result();
    assert.ok(items.length <= 500, String(items.length));
    assert.equal(items.at(-1)?.last, 4999);
  });
});

describe('a submission file', () => {
  const lines = [
    'transformation: phosim',
    'file: visit_instcat.txt',
    'resources:',
    '  memory: 4G',
    '  ',
    'parameters:',
    '  sensor: R22_S11',
    'sweep:',
    '  parameters:',
    '    seed:',
    '      from: 1',
  ];
  const place = (line: number): ReturnType<typeof yamlPlace> => yamlPlace((at) => lines[at] ?? '', line);

  it('is known by the keys above each line', () => {
    assert.deepEqual(place(0), { above: [], key: 'transformation', from: 0, to: 14 });
    assert.deepEqual(place(4).above, ['resources']);
    assert.deepEqual(place(10).above, ['sweep', 'parameters', 'seed']);
  });

  it('is told and offered what its schema says there', () => {
    const { describeKey, keysBelow, valuesOf } = submissionHelp();
    const names = (path: readonly string[]): string[] => keysBelow(path).map(({ name }) => name);
    assert.ok(names([]).includes('transformation') && names([]).includes('sweep'));
    assert.deepEqual(names(['resources']), ['cores', 'memory', 'disk', 'walltime']);
    assert.ok(names(['parameters']).includes('sensor'));
    assert.deepEqual(names(['sweep', 'parameters', 'seed']), ['from', 'to', 'step']);
    assert.deepEqual(names(['nowhere', 'else']), []);
    assert.ok(valuesOf(['transformation']).includes('phosim'));
    assert.deepEqual(valuesOf(['parameters', 'e2adc']), ['0', '1']);
    assert.match(describeKey(['resources', 'memory']) ?? '', /Memory of the whole job/);
    assert.equal(describeKey(['resources', 'wibble']), undefined);
  });

  it('is checked as it is written', async () => {
    const text = pieces(Buffer.from('transformation: phosim\nfile: a.txt\nwibble: 1\n'), 10);
    const found = await checkFile({ path: '/w/a.panda.yaml', kind: 'submission' }, text, signal);
    assert.equal(found.kind, 'submission');
    assert.deepEqual(
      found.diagnostics.map(({ line }) => line),
      [3],
    );
  });

  it('has the schema for other editors that the checks follow', () => {
    const path = join(root, 'media/panda-submission.schema.json');
    assert.deepEqual(
      JSON.parse(readFileSync(path, 'utf8')),
      JSON.parse(JSON.stringify(submissionFileSchema())),
    );
  });
});
