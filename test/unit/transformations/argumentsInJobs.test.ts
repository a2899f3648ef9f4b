import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { jobErrors, type JobRecord } from '../../../src/panda/index.ts';
import { createTransformations } from '../../../src/transformations/index.ts';
import { NASTY } from './payloadRunner.ts';
import { readPayloadSource } from './payloadSources.ts';
import { buildFor, SandboxJobs } from './sandboxJobs.ts';

/** What shells, JSON, URLs, forms and Python take for something else. */
const SPECIAL = [
  ...NASTY,
  ...[
    '--',
    '--output',
    '|',
    '||',
    '&&',
    ';',
    '>',
    '<(x)',
    '~',
    '!',
    '!!',
    '#',
    '# x',
    '%20',
    '%',
    '%%',
    '+',
    '&',
  ],
  ...["'", '"', '`', '$', '$$', '${x', '$((1))', '\\\\', "\\'", '\\n', '{a,b}', '[a]', '?', '^', '=', 'a=b'],
  ...[
    ' ',
    '  ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\u202e',
    '\u0001',
    '\u007f',
    '\u0085',
  ],
  ...[
    'null',
    'NULL',
    'None',
    'true',
    '0',
    '-1',
    '1e3',
    '{{x}}',
    '{number}',
    '%RNDM:1',
    '\u{1f43c}',
    'e\u0301',
  ],
];

/** Any text that can be an argument: no NUL, no half of a surrogate pair. */
const argument = fc.oneof(
  fc.constantFrom(...SPECIAL),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed().replaceAll('\0', '')),
  fc.array(fc.constantFrom(...SPECIAL), { minLength: 2, maxLength: 6 }).map((parts) => parts.join('')),
);

describe('what a user gives a job', () => {
  const sandbox = new SandboxJobs();
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-arguments-'));
    await sandbox.start();
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await sandbox.stop();
  });

  async function finished(id: number): Promise<JobRecord> {
    const record = await sandbox.ended(id);
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    return record;
  }
  function output(record: JobRecord, name: string): string {
    const lfn = record.files.map((file) => file.lfn ?? '').find((one) => one.endsWith(name));
    assert.ok(lfn, `there is no ${name}`);
    return readFileSync(sandbox.stored(record, lfn), 'utf8');
  }

  it('is what a script of theirs sees, whatever it holds', async () => {
    const content = Buffer.from('#!/bin/sh\nprintf "%s\\0" "$@" > words.bin\nls -A > files.txt\n');
    const script = createTransformations(readPayloadSource).find(({ id }) => id === 'script')!;
    const lists = [
      SPECIAL,
      ...fc.sample(fc.array(argument, { minLength: 1, maxLength: 80 }), { numRuns: 6, seed: 7 }),
    ];
    const requests = lists.flatMap((words) => {
      const options = { arguments: words, outputs: ['words.bin', 'files.txt'], sandbox: true };
      const built = script.build({ path: '/x/tell.sh', content }, options);
      assert.ok(built.kind === 'requests', JSON.stringify(built));
      return built.requests;
    });
    const ids = await sandbox.submit(requests);
    for (const [index, words] of lists.entries()) {
      const record = await finished(ids[index]!);
      assert.equal(output(record, 'words.bin'), words.map((word) => `${word}\0`).join(''));
      assert.doesNotMatch(output(record, 'files.txt'), /owned/u);
    }
  });

  it('is what pipetask sees, also where it is a query, a collection or a setting', async () => {
    const pipeline = join(folder, "it's a $(touch owned) pipeline ü.yaml");
    writeFileSync(pipeline, 'description: x\ntasks:\n  isr: lsst.ip.isr.IsrTask\n');
    // Refused are control characters, and variables that nothing puts in; argparse takes a - for an option.
    const word = argument.filter((text) => text.trim() !== '' && !/[{$<\p{Cc}]|^-/u.test(text));
    const rounds = fc.sample(fc.tuple(word, word, word, word), { numRuns: 6, seed: 11 });
    const requests = [];
    for (const [repository, input, query, value] of rounds) {
      const parameters = {
        ...{ repository: [repository], 'input-collection': [input], 'data-query': [query] },
        ...{ 'output-collection': ['u/jane/demo'], config: [`isr:name=${value}`] },
      };
      const built = await buildFor('dmstack', pipeline, { parameters, arguments: ['--pace', '0'] });
      assert.ok(built.kind === 'requests', JSON.stringify(built));
      requests.push(...built.requests);
    }
    const ids = await sandbox.submit(requests);
    for (const [index, [repository, input, query, value]] of rounds.entries()) {
      const summary = JSON.parse(output(await finished(ids[index]!), 'pipetask-summary.json')) as {
        readonly cmdLine: readonly string[];
        readonly quanta: readonly string[];
      };
      assert.deepEqual(summary.cmdLine.slice(0, 12), [
        ...['--long-log', 'run', '-b', repository, '-i', input, '-o', 'u/jane/demo', '-d', query],
        ...['-c', `isr:name=${value}`],
      ]);
      assert.deepEqual(summary.quanta, ['isr']);
    }
  });

  it('is what phoSim reads, whatever its files are called', async () => {
    const sample = fileURLToPath(new URL('../../fixtures/samples/instcat_small.txt', import.meta.url));
    const names = ["it's a $(touch owned) catalog.txt", 'ü 银河 instcat', '-n', 'a;b|c&d.txt'];
    const requests = [];
    for (const name of names) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(sample));
      const command = `${path} commands`;
      writeFileSync(command, 'fringing 0\n');
      const parameters = { command: [command], e2adc: ['0'] };
      const built = await buildFor('phosim', path, { parameters, arguments: ['--pace', '0'] });
      assert.ok(built.kind === 'requests', JSON.stringify(built));
      requests.push(...built.requests);
    }
    for (const id of await sandbox.submit(requests)) {
      const record = await finished(id);
      assert.ok(record.files.some(({ lfn }) => lfn?.endsWith('lsst_e_900001_f2_R22_S11_E000.fits.gz')));
    }
  });
});
