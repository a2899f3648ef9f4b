import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { JobRequest, Problem } from '../../../../src/panda/index.ts';
import { createTransformations, type TransformationOptions } from '../../../../src/transformations/index.ts';
import { readPayloadSource } from '../payloadSources.ts';

const phosim = createTransformations(readPayloadSource).find(({ id }) => id === 'phosim')!;
const sample = (name: string) => fileURLToPath(new URL(`../../../fixtures/samples/${name}`, import.meta.url));
const SMALL = sample('instcat_small.txt');
const HEADER = 'rightascension 53\ndeclination -27\nfilter 2\nobshistid 900003\nnsnap 2\nvistime 30\n';
const OBJECT = 'object 1 53.0 -27.0 17.5 ../sky/sed_flat.txt 0 0 0 0 0 0 point none none\n';

async function build(path: string, options: TransformationOptions = {}) {
  const reading = await phosim.read({ path, content: new Uint8Array() }, options);
  return reading.build(options);
}
async function requests(path: string, options: TransformationOptions = {}): Promise<readonly JobRequest[]> {
  const built = await build(path, { sandbox: true, ...options });
  assert.ok(built.kind === 'requests', JSON.stringify(built));
  return built.requests;
}
async function problems(path: string, options: TransformationOptions = {}): Promise<readonly Problem[]> {
  const built = await build(path, options);
  assert.ok(built.kind === 'problems');
  return built.problems;
}
/** Names in a tarball of ours, which has plain headers only. */
function namesIn(content: Uint8Array): readonly string[] {
  const tar = gunzipSync(content);
  const names: string[] = [];
  for (
    let at = 0;
    tar[at] !== 0;
    at += 512 + Math.ceil(parseInt(tar.toString('latin1', at + 124, at + 135), 8) / 512) * 512
  ) {
    names.push(tar.toString('utf8', at, tar.indexOf(0, at)));
  }
  return names;
}

describe('phoSim jobs', () => {
  let folder: string;
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "desc-panda it's a catalog "))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('recognises catalogs, but not what they include', () => {
    const content = (text: string) => ({ path: '/x/a.txt', content: Buffer.from(text) });
    assert.equal(phosim.recognise(content(HEADER + OBJECT)), 2);
    assert.equal(phosim.recognise(content(OBJECT)), 0);
    assert.equal(phosim.recognise(content('#!/bin/sh\nls\n')), 0);
  });

  it('one job for the centre, with all images of all exposures to come', async () => {
    const [request, ...more] = await requests(write('cat.txt', HEADER + OBJECT));
    assert.deepEqual(more, []);
    assert.equal(request?.name, '900003_R22_S11');
    assert.equal(request.outputs.length, 34);
    assert.deepEqual(request.outputs.slice(0, 2), [
      'lsst_e_900003_f2_R22_S11_E000.fits.gz',
      'lsst_a_900003_f2_R22_S11_C00_E000.fits.gz',
    ]);
    assert.equal(request.outputs.at(-1), 'lsst_a_900003_f2_R22_S11_C17_E001.fits.gz');
    assert.deepEqual(request.arguments, [
      ...[
        '--software',
        'stand-in',
        '--catalog',
        'catalog/cat.txt',
        '--sensor',
        'R22_S11',
        '--e2adc',
        '1',
        '--',
      ],
    ]);
    assert.deepEqual(namesIn(request.transformation.tarball!.content), [
      'catalog/cat.txt',
      '.desc-panda/phosim-standin.py',
      '.desc-panda/phosim_images.py',
    ]);
  });

  it('one job for each sensor, each raft, or all', async () => {
    const count = async (sensor: string, group?: string) => {
      const parameters = {
        sensor: [sensor],
        e2adc: ['0'],
        ...(group === undefined ? {} : { group: [group] }),
      };
      return (await requests(SMALL, { parameters })).map(({ name, outputs }) => `${name}:${outputs.length}`);
    };
    assert.deepEqual(await count('R22_S11,R22_S10'), ['900001_R22_S10:1', '900001_R22_S11:1']);
    assert.equal((await count('all')).length, 189);
    assert.equal((await count('all', 'raft')).length, 21);
    assert.deepEqual(await count('R22 R01_S00', 'raft'), ['900001_R01_S00:1', '900001_R22:9']);
    assert.deepEqual(await count('all', 'all'), ['900001_189_sensors:189']);
  });

  it('refuses sensors that the catalog leaves out', async () => {
    const corner = write('corner.txt', `${HEADER}camconfig 6\n${OBJECT}`);
    const ask = (path: string, sensor: string, instrument = 'lsst') =>
      phosim
        .read({ path, content: new Uint8Array() }, {})
        .then((reading) =>
          reading.build({ sandbox: true, parameters: { sensor: [sensor], instrument: [instrument] } }),
        );
    const [problem, ...more] = await problems(SMALL, {
      sandbox: true,
      parameters: { sensor: ['R00,R22_S11'] },
    });
    assert.deepEqual(more, []);
    assert.deepEqual(problem, {
      where: 'parameters.sensor',
      message: 'camconfig 1 of the catalog leaves out R00_S22_C0, R00_S22_C1, R00_S12, R00_S21.',
    });
    assert.equal((await ask(corner, 'R00')).kind, 'requests');
    assert.equal((await ask(corner, 'R22_S11')).kind, 'problems');
    assert.equal((await ask(corner, 'opd')).kind, 'requests');
    assert.equal((await ask(corner, 'R22_S11', 'subaru')).kind, 'requests');
  });

  it('asks for what phoSim takes, and takes less where told, but not too little', async () => {
    const at = (options: TransformationOptions) =>
      requests(SMALL, {
        sandbox: false,
        ...options,
        parameters: { software: ['/cvmfs/phosim'], ...options.parameters },
      });
    const [one] = await at({});
    assert.deepEqual(one?.resources, { cores: 1, memoryMB: 4000, diskMB: 1102, walltimeSeconds: 43_200 });
    const [raft] = await at({
      parameters: { sensor: ['R22'], group: ['raft'], processes: ['2'], threads: ['4'] },
    });
    assert.deepEqual(raft?.resources, { cores: 8, memoryMB: 8000, diskMB: 1902, walltimeSeconds: 216_000 });
    assert.match(raft.arguments.join(' '), /--threads 4 --processes 2/u);
    const [less] = await at({ resources: { memoryMB: 3000 } });
    assert.equal(less?.resources.memoryMB, 3000);
    const found = await problems(SMALL, { parameters: { software: ['/x'] }, resources: { memoryMB: 2999 } });
    assert.deepEqual(
      found.map(({ where }) => where),
      ['resources.memoryMB'],
    );
  });

  it('sends what the catalog includes, below its folder, and the command file', async () => {
    mkdirSync(join(folder, 'Dynamic'));
    write('Dynamic/star_cat.txt', OBJECT);
    const includes = 'includeobj Dynamic/star_cat.txt\nincludeobj /site/gal_cat.txt\n';
    const catalog = write('my cat (1).txt', HEADER + includes);
    const command = write('quick & dirty.txt', 'cleardefects\nextraid 7\n');
    const options = { parameters: { command: [command] }, arguments: ['--pace', '0'], outputs: ['more.txt'] };
    const [request] = await requests(catalog, options);
    assert.deepEqual(namesIn(request!.transformation.tarball!.content), [
      'catalog/my_cat__1_.txt',
      'catalog/Dynamic/star_cat.txt',
      'command/quick___dirty.txt',
      '.desc-panda/phosim-standin.py',
      '.desc-panda/phosim_images.py',
    ]);
    assert.match(request!.arguments.join(' '), /--command command\/quick___dirty\.txt -- --pace 0$/u);
    assert.equal(
      request!.outputs[0],
      'lsst_e_9000037_f2_R22_S11_E000.fits.gz',
      'extraid is part of all names',
    );
    assert.equal(request!.outputs.at(-1), 'more.txt');
  });

  it('sends one tarball with all jobs, and refuses what is too large for one', async () => {
    const all = await requests(SMALL, { parameters: { sensor: ['R22'] } });
    assert.equal(new Set(all.map(({ transformation }) => transformation.tarball)).size, 1);
    assert.deepEqual(all[0]?.inputs, []);
    // 41 MB are not even tried to be packed.
    const catalog = write('large.txt', HEADER + OBJECT.repeat(Math.ceil((41 * 1024 ** 2) / OBJECT.length)));
    assert.deepEqual(await problems(catalog, { sandbox: true }), [
      {
        where: 'file',
        message:
          'The catalog and what goes with it (43.0 MB) do not fit into the 10 MB that PanDA takes: use a profile that says where files are staged.',
      },
    ]);
    const [large] = await requests(catalog, { staged: true });
    assert.deepEqual(
      large?.inputs?.map(({ name, path }) => [name, path]),
      [['catalog/large.txt', catalog]],
    );
  });

  it('stages the files of the user, and sends only the stand-in in a tarball', async () => {
    const command = write('quick.txt', 'cleardefects\n');
    const parameters = { command: [command], sensor: ['R22'] };
    const all = await requests(SMALL, { staged: true, parameters });
    assert.equal(all.length, 9);
    assert.equal(new Set(all.map(({ transformation }) => transformation.tarball)).size, 1);
    for (const { inputs, transformation } of all) {
      assert.deepEqual(
        inputs?.map(({ name, path, size }) => [name, path, size]),
        [
          ['catalog/instcat_small.txt', SMALL, statSync(SMALL).size],
          ['command/quick.txt', command, 13],
        ],
      );
      assert.equal(inputs[1]?.modified, statSync(command).mtimeMs);
      assert.deepEqual(namesIn(transformation.tarball!.content), [
        '.desc-panda/phosim-standin.py',
        '.desc-panda/phosim_images.py',
      ]);
    }
    const [real] = await requests(SMALL, { staged: true, parameters: { software: ['/cvmfs/phosim'] } });
    assert.equal(real?.transformation.tarball, undefined);
  });

  it('hands over everything that says where its software is', async () => {
    const parameters = {
      software: ['/cvmfs/phosim 3.7'],
      setup: ['/cvmfs/setup.sh'],
      image: ['docker://lsst/x'],
      sed: ['/cvmfs/seds'],
      instrument: ['subaru'],
    };
    const [request] = await requests(SMALL, { parameters, sandbox: false });
    assert.match(request!.outputs[0]!, /^subaru_e_/u);
    assert.deepEqual(request!.arguments.slice(0, 2), ['--software', '/cvmfs/phosim 3.7']);
    assert.match(
      request!.arguments.join(' '),
      /--instrument subaru --sed \/cvmfs\/seds --image docker:\/\/lsst\/x --setup \/cvmfs\/setup\.sh --$/u,
    );
  });

  it('says what a catalog is, for people', async () => {
    const reading = await phosim.read({ path: SMALL, content: new Uint8Array() }, {});
    assert.equal(reading.description, 'visit 900001, r, 7 objects');
    assert.deepEqual(
      reading.diagnostics.map(({ code }) => code),
      ['model-alias-star'],
    );
    assert.deepEqual(
      reading.files.map(({ name }) => name),
      ['catalog/instcat_small.txt'],
    );
    const built = reading.build({ sandbox: true });
    assert.equal(built.kind === 'requests' && built.name, 'phoSim visit 900001');
  });

  const wrong: [string, string | (() => string), TransformationOptions, string, RegExp][] = [
    [
      'a catalog that is a folder',
      () => folder,
      {},
      'file',
      /^The catalog cannot be read: it is a folder\.$/u,
    ],
    [
      'a command file that is not there',
      SMALL,
      { parameters: { command: ['/nowhere/c.txt'] } },
      'parameters.command',
      /^The command file cannot be read: there is no such file\.$/u,
    ],
    [
      'a command file without an end',
      SMALL,
      { parameters: { command: ['/dev/zero'] } },
      'parameters.command',
      /it is no ordinary file/u,
    ],
    [
      'an included file with errors',
      () => {
        write('stars.txt', OBJECT.replace('object', 'object x'));
        return write('cat.txt', `${HEADER}includeobj stars.txt\n`);
      },
      {},
      'file',
      /^The catalog includes stars\.txt, line 1: .*/u,
    ],
    ['no software at a site', SMALL, { sandbox: false }, 'parameters.software', /has to be said/u],
    [
      'software without a place',
      SMALL,
      { parameters: { software: ['phosim'] } },
      'parameters.software',
      /absolute/u,
    ],
    [
      'a sensor that is not there',
      SMALL,
      { parameters: { sensor: ['R22_S11', 'R99'] } },
      'parameters.sensor',
      /no such sensor.*: R99/u,
    ],
    ['no sensor', SMALL, { parameters: { sensor: [' '] } }, 'parameters.sensor', /No sensor/u],
    [
      'a parameter that is not there',
      SMALL,
      { parameters: { colour: ['red'] } },
      'parameters.colour',
      /no parameter/u,
    ],
    ['a choice that is none', SMALL, { parameters: { e2adc: ['2'] } }, 'parameters.e2adc', /none of 0, 1/u],
    ['half a thread', SMALL, { parameters: { threads: ['0.5'] } }, 'parameters.threads', /whole number/u],
    [
      'an instrument in a folder',
      SMALL,
      { parameters: { instrument: ['../x'] } },
      'parameters.instrument',
      /name of an instrument/u,
    ],
    ['a broken catalog', sample('instcat_broken.txt'), {}, 'file', /line 3: .* \(and \d more\)$/u],
    ['a missing include', sample('instcat_opsim_includes.txt'), {}, 'file', /gal_cat_900002/u],
    ['no catalog', '/nowhere/cat.txt', {}, 'file', /cannot be read/u],
    ['an include outside', () => write('c.txt', `${HEADER}includeobj ../x.txt\n`), {}, 'file', /x\.txt/u],
    [
      'a visit that cannot be a name',
      () => write('c.txt', HEADER.replace('900003', 'a/b') + OBJECT),
      {},
      'file',
      /file name|line/u,
    ],
    ['an argument with NUL', SMALL, { arguments: ['\0'] }, 'arguments[0]', /NUL/u],
  ];
  for (const [name, path, options, where, message] of wrong) {
    it(`refuses ${name}`, async () => {
      const found = await problems(typeof path === 'string' ? path : path(), { sandbox: true, ...options });
      const problem = found.find((one) => one.where === where);
      assert.match(problem?.message ?? JSON.stringify(found), message);
      assert.ok(problem, JSON.stringify(found));
    });
  }

  it('refuses a command file without a last newline, and one that was not read', async () => {
    const command = write('c.txt', 'cleardefects 1');
    const found = await problems(SMALL, { sandbox: true, parameters: { command: [command] } });
    assert.match(found[0]?.message ?? '', /^The command file, line 1: /u);
    const reading = await phosim.read({ path: SMALL, content: new Uint8Array() }, {});
    const built = reading.build({ sandbox: true, parameters: { command: [command] } });
    assert.ok(built.kind === 'problems');
    assert.deepEqual(
      built.problems.map(({ where }) => where),
      ['parameters.command'],
    );
  });

  it('stops reading when told to', async () => {
    const file = { path: SMALL, content: new Uint8Array() };
    await assert.rejects(phosim.read(file, {}, AbortSignal.abort(new Error('enough'))), /enough/u);
  });
});
