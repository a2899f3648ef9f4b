import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createTransformations } from '../../../../src/transformations/index.ts';
import {
  localDisk,
  planSubmission,
  readSubmissionFile,
} from '../../../../src/transformations/submissionFile/index.ts';
import type {
  PlannedSubmission,
  PlanOptions,
  PlanResult,
} from '../../../../src/transformations/submissionFile/index.ts';
import { readPayloadSource } from '../payloadSources.ts';
import { examples, exampleTable } from './examples.ts';

const samples = fileURLToPath(new URL('../../../fixtures/samples', import.meta.url));

describe('a planned submission', () => {
  const transformations = createTransformations(readPayloadSource);
  let folder = '';

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'plan-')));
    const files = {
      'simulate.py': 'print(1)\n',
      'visits.csv': exampleTable,
      'pipeline.yaml': 'description: x\ntasks: {isr: lsst.ip.isr.IsrTask}\nsubsets: {singleFrame: [isr]}\n',
      'notes.txt': 'notes',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await mkdir(join(folder, 'visits'));
    await mkdir(join(folder, 'code'));
    for (const visit of [900001, 900002]) {
      const name = `phosim_cat_${visit}.txt`;
      await cp(join(samples, 'instcat_small.txt'), join(folder, 'visits', name));
      await cp(join(samples, 'instcat_small.txt'), join(folder, name));
    }
    await cp(join(samples, 'physics_commands.txt'), join(folder, 'physics_commands.txt'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const tryPlan = (
    text: string,
    options?: PlanOptions,
    deps: { readonly roots?: readonly string[]; readonly staged?: boolean } = {},
  ): Promise<PlanResult> =>
    planSubmission(
      readSubmissionFile(text),
      { folder, roots: [folder], transformations, disk: localDisk, sandbox: true, staged: true, ...deps },
      options,
    );
  const plan = async (text: string): Promise<PlannedSubmission> => {
    const result = await tryPlan(text);
    assert.equal(result.kind, 'plan', JSON.stringify(result.diagnostics));
    assert.ok(result.kind === 'plan');
    return result.plan;
  };
  const problems = async (text: string): Promise<string[]> => {
    const result = await tryPlan(text);
    assert.equal(result.kind, 'problems');
    return result.diagnostics.map(({ line, column, message }) => `${line}:${column ?? ''} ${message}`);
  };

  it('is a task where the file says so, with a folder that may be sent', async () => {
    const base = 'transformation: script\nfile: simulate.py\n';
    const one = await plan(`${base}task: {folder: code}\n`);
    assert.deepEqual(one.task, { attempts: 3, folder: join(folder, 'code') });
    assert.equal((await plan(base)).task, undefined);
    assert.deepEqual(await problems(`${base}task: {folder: nowhere}\n`), [
      `3:16 There is no folder nowhere (looked for at ${join(folder, 'nowhere')}).`,
    ]);
    assert.match((await problems(`${base}task: {folder: ..}\n`)).join(), /lies outside/);
    assert.match((await problems(`${base}task: {}\nstaging: {folder: a}\n`)).join(), /are staged nowhere/);
  });

  it('is made of every example of the documentation', async () => {
    const lengths = [];
    for (const text of examples) lengths.push((await plan(text)).requests.length);
    assert.deepEqual(lengths, [1, 1, 300, 2, 11, 378, 3, 100]);
  });

  it('has as many jobs as it says, each time it is gone through', async () => {
    const { requests, first, last } = await plan(examples[2]!);
    const names = [...requests].map(({ name }) => name);
    assert.equal(names.length, requests.length);
    assert.equal(new Set(names).size, 300);
    assert.deepEqual(
      [...requests].map(({ name }) => name),
      names,
    );
    assert.deepEqual([names[0], names[1], names.at(-1)], ['noise g 1', 'noise g 2', 'noise i 100']);
    assert.deepEqual([first.name, last.name], [names[0], names.at(-1)]);
    assert.deepEqual(last.arguments, ['--filter', 'i', '--seed', '100']);
    assert.deepEqual(last.outputs, ['noise-i-100.fits']);
  });

  it('takes the rows of a table, and sequence numbers', async () => {
    const { requests } = await plan(examples[3]!);
    assert.deepEqual(
      [...requests].map((request) => [request.name, ...request.arguments, ...request.outputs]),
      [
        [
          'simulate.py-900001-17-dark, clear',
          '--visit',
          '900001',
          '--seed',
          '17',
          '--number=100',
          'visit-900001.fits',
        ],
        ['simulate.py-900002-18-', '--visit', '900002', '--seed', '18', '--number=101', 'visit-900002.fits'],
      ],
    );
  });

  it('makes a job for each sensor, and deals them out to the sites', async () => {
    const { requests, files } = await plan(examples[4]!);
    const all = [...requests];
    assert.equal(all[0]?.arguments[all[0].arguments.indexOf('--sensor') + 1], 'R10_S00');
    assert.match(all.at(-1)?.name ?? '', /R22_S12/);
    assert.deepEqual(
      all.slice(0, 3).map(({ site }) => site),
      ['SLAC_Rubin', 'BNL-LSST', 'SLAC_Rubin'],
    );
    assert.ok(files.some(({ path }) => path === join(folder, 'physics_commands.txt')));
    assert.ok(files.every(({ size }) => size > 0));
    const dealt = await plan('transformation: hello\nsite: [A, B]\nsweep: {repeat: 3}\n');
    assert.deepEqual(
      [...dealt.requests].map(({ site }) => site),
      ['A', 'B', 'A'],
    );
  });

  it('reads every catalog of a sweep of visits', async () => {
    const { requests, files } = await plan(examples[5]!);
    const all = [...requests];
    assert.equal(all.length, 2 * 189);
    assert.deepEqual(
      files.map(({ path }) => path.slice(folder.length + 1)).filter((path) => path.startsWith('visits')),
      ['visits/phosim_cat_900001.txt', 'visits/phosim_cat_900002.txt'],
    );
  });

  it('sends further files along under their names', async () => {
    const text =
      'transformation: script\nfile: simulate.py\ninputs: [visits/phosim_cat_900001.txt, notes.txt]\n';
    const { first, files } = await plan(text);
    assert.deepEqual(
      first.inputs?.map(({ name, size, modified = 0 }) => [name, size > 0, modified > 0]),
      [
        ['simulate.py', true, true],
        ['visits/phosim_cat_900001.txt', true, true],
        ['notes.txt', true, true],
      ],
    );
    assert.equal(files.length, 3);
    const nowhere = await tryPlan(text, {}, { staged: false });
    assert.deepEqual(
      nowhere.diagnostics.map(({ line, message }) => [line, message]),
      [[3, 'Inputs are staged, and the profile in use does not say where.']],
    );
  });

  it('names jobs so that they can be told apart', async () => {
    const names = async (text: string): Promise<string[]> =>
      [...(await plan(`transformation: hello\n${text}`)).requests].map(({ name }) => name);
    assert.deepEqual(await names(''), ['HelloPanda']);
    assert.deepEqual(await names('name: x\n'), ['x']);
    assert.deepEqual(await names('sweep: {repeat: 2}\n'), ['HelloPanda-1', 'HelloPanda-2']);
    assert.deepEqual(await names('name: x\nsweep: {repeat: 2}\n'), ['x-1', 'x-2']);
    assert.deepEqual(await names('name: "x {number} %RNDM:5"\nsweep: {repeat: 2}\n'), ['x 1 5', 'x 2 6']);
    assert.deepEqual(await names('name: "{{x}}"\n'), ['{x}']);
  });

  const faults: readonly (readonly [string, string, ...RegExp[]])[] = [
    ['a file that is not there', 'transformation: script\nfile: none.py\n', /^2:7 There is no file none\.py/],
    ['a folder', 'transformation: script\nfile: visits\n', /^2:7 visits cannot be read: it is a folder\.$/],
    ['no file', 'transformation: script\n', /^1:1 No script is given\.$/],
    [
      'a parameter that there is not',
      'transformation: phosim\nfile: phosim_cat_900001.txt\nparameters: {sensors: all}\n',
      /^3:23 phoSim has no parameter sensors: sensor is probably meant\.$/,
    ],
    [
      'a sensor that there is not',
      'transformation: phosim\nfile: phosim_cat_900001.txt\nparameters: {sensor: R99_S00}\n',
      /^3:22 .*R99_S00/,
    ],
    [
      'a name that nothing defines',
      'transformation: hello\nname: "{seed}"\narguments: ["{sed}"]\nsweep: {parameters: {seed: [1]}}\n',
      /^3:13 Nothing that varies is called sed: \{seed\} is probably meant\.$/,
    ],
    [
      'a name in braces without a sweep',
      'transformation: hello\narguments: ["{xyz}"]\n',
      /^2:13 .*write \{\{xyz\}\}/,
    ],
    [
      'a name twice',
      'transformation: hello\nsweep: {table: visits.csv, parameters: {visit: [1]}}\n',
      /^2:8 Two things that vary are called visit\.$/,
    ],
    [
      'a table that is none',
      'transformation: hello\nsweep: {table: simulate.py}\n',
      /^2:16 simulate\.py, line 1: .*name of a column/,
    ],
    [
      'an output with a slash',
      'transformation: script\nfile: simulate.py\noutputs: [a, b/c]\n',
      /^3:14 .*no slash: b\/c\.$/,
    ],
    [
      'outputs that become the same',
      'transformation: script\nfile: simulate.py\noutputs: ["{a}", "x"]\nsweep: {parameters: {a: [x]}}\n',
      /^3:18 The output is named twice: x\.$/,
    ],
    [
      'arguments that the payload does not take',
      'transformation: hello\narguments: [--code, "{n}"]\nsweep: {parameters: {n: [0, 256]}}\n',
      /^2:13 --code needs a whole number from 0 to 255\.$/,
    ],
    [
      'too many jobs',
      'transformation: hello\nsweep: {repeat: 100000, parameters: {a: [1, 2]}}\n',
      /^2:8 These are 200000 jobs/,
    ],
  ];
  for (const [what, text, ...expected] of faults) {
    it(`says where it names ${what}`, async () => {
      const found = await problems(text);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, form] of expected.entries()) assert.match(found[index] ?? '', form);
    });
  }

  it('takes no table in another encoding, whose values would become others', async () => {
    const text = 'transformation: hello\nsweep: {table: other.csv}\n';
    for (const content of [
      Buffer.from('name\nJosé\n', 'latin1'),
      Buffer.from('name\n1\n', 'utf16le'),
      gzipSync('name\n1\n'),
    ]) {
      await writeFile(join(folder, 'other.csv'), content);
      assert.deepEqual(await problems(text), [
        '2:16 other.csv is no text in UTF-8: save the table as CSV in UTF-8.',
      ]);
    }
  });

  it('refuses files outside, by their path or through a link', async () => {
    await symlink('/etc/hosts', join(folder, 'hosts.py'));
    await symlink('/etc', join(folder, 'etc'));
    for (const file of [
      '/etc/hosts',
      '../../../../etc/hosts',
      'hosts.py',
      'etc/hosts',
      '/proc/self/environ',
    ]) {
      const text = `transformation: script\nfile: ${file}\n`;
      assert.match((await problems(text))[0] ?? '', /lies outside .*: only files in there are sent/, file);
      const input = `transformation: script\nfile: simulate.py\ninputs: [${file}]\n`;
      assert.match((await problems(input))[0] ?? '', /lies outside/, file);
      assert.match(
        (await problems(`transformation: hello\nsweep: {table: ${file}}\n`))[0] ?? '',
        /lies outside/,
      );
    }
    assert.match(
      (await problems('transformation: script\nfile: ~/.ssh/id_rsa\n'))[0] ?? '',
      /There is no file/,
    );
    const wider = await tryPlan(`transformation: script\nfile: ${folder}-none\n`, {}, { roots: ['/'] });
    assert.match(wider.diagnostics[0]?.message ?? '', /There is no file/);
  });

  it('takes paths with blanks and letters of all kinds, and metacharacters as they are', async () => {
    await writeFile(join(folder, 'a b $(rm) – ß会.py'), 'print(1)\n');
    const text = `transformation: script\nfile: "a b $(rm) – ß会.py"\narguments: ["; rm -rf /", "$(x)", "'"]\n`;
    const { first } = await plan(text);
    assert.deepEqual(first.arguments, ['; rm -rf /', '$(x)', "'"]);
  });

  it('works out 10,000 jobs in slices, and shares what they have in common', async () => {
    const text =
      'transformation: script\nfile: simulate.py\narguments: ["{n}"]\nsweep: {parameters: {n: {from: 1, to: 10000}}}\n';
    const told: number[] = [];
    const result = await tryPlan(text, { onProgress: (done) => told.push(done) });
    assert.ok(result.kind === 'plan');
    const { requests } = result.plan;
    assert.equal(requests.length, 10_000);
    assert.ok(told.length > 100 && told.at(-1) === 10_000);
    const payloads = new Set<unknown>();
    const names = new Set<string>();
    for (const { name, transformation } of requests) {
      payloads.add(transformation.payload).add(transformation.tarball);
      names.add(name);
    }
    assert.equal(payloads.size, 2);
    assert.equal(names.size, 10_000);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const text = 'transformation: hello\nsweep: {repeat: 10000}\n';
    const onProgress = (done: number): void => {
      if (done > 0) stop.abort(new Error('enough'));
    };
    await assert.rejects(tryPlan(text, { signal: stop.signal, onProgress }));
  });
});
