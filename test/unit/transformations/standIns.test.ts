import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { jobErrors, type JobRequest } from '../../../src/panda/index.ts';
import type { ParameterValues } from '../../../src/transformations/index.ts';
import { buildFor, SandboxJobs } from './sandboxJobs.ts';

const sample = (name: string) => fileURLToPath(new URL(`../../fixtures/samples/${name}`, import.meta.url));

/** Arguments and parameters of a job, its exit code, and the sentence on it. */
type Failure = readonly [
  words: readonly string[],
  parameters: ParameterValues,
  code: number,
  sentence: RegExp,
];

const PHOSIM_FAILURES: readonly Failure[] = [
  [
    ['--fail', 'missing-sed'],
    {},
    68,
    /left no lsst_e_900001_f2_R22_S11_E000\.fits\.gz, .* and 14 more: a spectrum is missing: \S+sed_flat/u,
  ],
  [['--fail', 'bad-sed'], {}, 68, /a spectrum is bad: .*NaN/u],
  [['--fail', 'off-chip'], {}, 68, /no source of the catalog lands on R22_S11$/u],
  [
    ['--fail', 'partial'],
    { sensor: ['R22_S11', 'R22_S12'], group: ['all'] },
    68,
    /left no lsst_e_900001_f2_R22_S12_E000\.fits\.gz, .* and 14 more: no source of the catalog lands on R22_S12$/u,
  ],
  [['--fail', 'no-screen'], {}, 68, /a file of its own is missing: Error reading atmospherescreen/u],
  [['--fail', 'empty-file'], {}, 68, /left no lsst_e_900001_f2_R22_S11_E000\.fits\.gz$/u],
  [['--fail', 'no-instrument'], {}, 1, /a directory is missing: \/stand-in\/data\/lsst does not exist/u],
  [['--fail', 'memory'], {}, 1, /it could get no more memory/u],
  [['--fail', 'too-large'], {}, 1, /the catalog is too large for the arrays of this phoSim/u],
  [['-i', 'decam'], {}, 1, /a directory is missing: \/stand-in\/data\/decam does not exist/u],
  [['-g', 'condor'], {}, 1, /one of its programs failed/u],
  [['--nonsense'], {}, 2, /its command line is wrong: unrecognized arguments: --nonsense$/u],
];

const DM = { repository: ['/repo/ü main'], 'output-collection': ['u/jane/demo'] };
const TEMPLATE = ['processEimage.py {repository} --id visit=840 raft=2,2 sensor=1,1 --output out'];

const DM_FAILURES: readonly Failure[] = [
  [['--fail', 'empty-graph'], DM, 1, /the quantum graph is empty/u],
  [['--fail', 'quantum'], DM, 1, /RuntimeError: no stars in the image.*2 quanta successfully, 1 failed/u],
  [['--fail', 'repeatable'], DM, 20, /failed in a way that may pass: RepeatableQuantumError/u],
  [['--fail', 'invalid'], DM, 21, /a quantum was invalid/u],
  [['--fail', 'no-output'], DM, 68, /pipetask ended with exit code 0 but left no pipetask-summary\.json/u],
  [['--nonsense'], DM, 2, /its command line is wrong: unrecognized arguments: --nonsense/u],
  [
    ['--fail', 'fatal'],
    { ...DM, template: TEMPLATE },
    68,
    /processEimage\.py ended with exit code 0, but a data id failed/u,
  ],
];

describe('jobs of phoSim and the DM stack, by their stand-ins in a sandbox', () => {
  const sandbox = new SandboxJobs({ staged: true });
  before(() => sandbox.start());
  after(() => sandbox.stop());

  async function build(
    id: string,
    file: string | undefined,
    parameters: ParameterValues,
    words: readonly string[] = [],
  ): Promise<readonly JobRequest[]> {
    const options = { parameters, staged: true, arguments: ['--pace', '0', ...words] };
    const built = await buildFor(id, file === undefined ? undefined : sample(file), options);
    assert.ok(built.kind === 'requests', JSON.stringify(built));
    return built.requests;
  }

  it('phoSim finds what is wrong with the files of a site, and ends each part of a run as told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'desc-panda stand-ins '));
    try {
      const write = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      const text = readFileSync(sample('instcat_small.txt'), 'utf8');
      const gone = write('gone.txt', `${text}includeobj /nowhere/stars_1.txt\n`);
      const far = write('far.txt', text.replace(/^declination .*$/mu, 'declination 27'));
      const part = write('part.txt', 'checkpointtotal 2\ncheckpointcount 2\n');
      const first = write('first.txt', 'checkpointtotal 2\n');
      const cases: readonly (readonly [
        catalog: string,
        parameters: ParameterValues,
        code: number,
        sentence: RegExp,
      ])[] = [
        [gone, {}, 1, /a file that the catalog includes is missing: \/nowhere\/stars_1\.txt$/u],
        [far, {}, 68, /no source of the catalog lands on R22_S11$/u],
        [
          sample('instcat_small.txt'),
          { command: [part] },
          68,
          /is missing: Error reading lsst_e_.*_ckptdt_1/u,
        ],
        [sample('instcat_small.txt'), { command: [first] }, 68, /left no lsst_e_900001_f2_R22_S11_E000/u],
      ];
      const requests = [];
      for (const [catalog, parameters] of cases) {
        const options = { parameters, arguments: ['--pace', '0'] };
        const built = await buildFor('phosim', catalog, { ...options, staged: true });
        assert.ok(built.kind === 'requests', JSON.stringify(built));
        requests.push(...built.requests);
      }
      const ids = await sandbox.submit(requests);
      for (const [index, [catalog, , code, sentence]] of cases.entries()) {
        const record = await sandbox.ended(ids[index]!);
        const [error] = jobErrors(record);
        const found = JSON.stringify(jobErrors(record));
        assert.deepEqual([record.jobStatus, error?.code], ['failed', code], `${catalog}: ${found}`);
        assert.match(`${error?.diag ?? error?.title}`, sentence);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('phoSim finishes with images that no photon reached, and warns of them', async () => {
    const [id] = await sandbox.submit(
      await build('phosim', 'instcat_small.txt', {}, ['--fail', 'empty-image']),
    );
    const record = await sandbox.ended(id!);
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    const logs = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'].map((name) => {
      const path = sandbox.stored(record, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    });
    assert.match(logs.join('\n'), /phoSim accepted no photon of some sources/u);
  });

  it('phoSim makes all images of three sensors', async () => {
    const parameters = { sensor: ['R22_S11|R22_S12', 'R01_S00'], command: [sample('physics_commands.txt')] };
    const requests = await build('phosim', 'instcat_small.txt', parameters);
    assert.deepEqual(
      requests.map(({ name }) => name),
      ['900001_R01_S00', '900001_R22_S11', '900001_R22_S12'],
    );
    for (const [index, id] of (await sandbox.submit(requests)).entries()) {
      const record = await sandbox.ended(id);
      assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
      const sensor = ['R01_S00', 'R22_S11', 'R22_S12'][index]!;
      const image = `lsst_e_900001_f2_${sensor}_E000.fits.gz`;
      const { files, inputs } = await sandbox.files(record);
      const outputs = files.filter(({ kind, staged }) => kind === 'output' && staged !== undefined);
      assert.equal(outputs.length, 17);
      assert.ok(outputs.some(({ name, sha256 }) => name === image && sha256 !== null));
      assert.deepEqual(
        inputs.map(({ name }) => name),
        ['inputs/catalog/instcat_small.txt', 'inputs/command/physics_commands.txt'],
      );
      const bytes = gunzipSync(readFileSync(sandbox.stored(record, image)));
      assert.equal(bytes.length % 2880, 0);
      assert.match(
        bytes.toString('latin1', 0, 5760),
        /^SIMPLE {2}= {20}T.*CHIPID {2}= 'R\d\d_S\d\d '.*simulates nothing/su,
      );
      assert.match(bytes.toString('latin1', 0, 5760), /PHOV0 {3}= 'centroidfile 1'/u);
      const log = readFileSync(sandbox.stored(record, 'payload.stdout'), 'utf8');
      assert.match(log, /^This is a STAND-IN for phoSim/u);
      assert.match(
        log,
        /Creating layer 6\.[^]*Trim Catalog[^]*Found 7 source[^]*Diffracting\.[^]*Reading out chip/u,
      );
    }
  });

  it('pipetask runs the tasks of a pipeline, and leaves its summary', async () => {
    const query = "instrument='LSSTCam-imSim' and exposure in (214433)";
    const parameters = { ...DM, 'data-query': [query], config: ['isr:doDark=False'] };
    const requests = await build('dmstack', 'pipeline_demo.yaml', parameters);
    const [id] = await sandbox.submit(requests);
    const record = await sandbox.ended(id!);
    assert.equal(record.jobStatus, 'finished', JSON.stringify(jobErrors(record)));
    const summary = JSON.parse(readFileSync(sandbox.stored(record, 'pipetask-summary.json'), 'utf8')) as {
      quanta: unknown;
      cmdLine: readonly string[];
    };
    assert.deepEqual(summary.quanta, ['isr', 'makeDirectWarp', 'assembleCoadd']);
    assert.deepEqual(summary.cmdLine.slice(0, 10), [
      ...[
        '--long-log',
        'run',
        '-b',
        '/repo/ü main',
        '-o',
        'u/jane/demo',
        '-d',
        query,
        '-c',
        'isr:doDark=False',
      ],
    ]);
    assert.match(readFileSync(sandbox.stored(record, 'payload.stdout'), 'utf8'), /^This is a STAND-IN/u);
  });

  for (const [id, file, failures] of [
    ['phosim', 'instcat_small.txt', PHOSIM_FAILURES],
    ['dmstack', 'pipeline_demo.yaml', DM_FAILURES],
  ] as const) {
    it(`${id}: each way to fail has its exit code and its sentence`, async () => {
      const requests = [];
      for (const [words, parameters] of failures) {
        requests.push(...(await build(id, file, { ...parameters }, words)));
      }
      assert.equal(requests.length, failures.length);
      const ids = await sandbox.submit(requests);
      for (const [index, [words, , code, sentence]] of failures.entries()) {
        const record = await sandbox.ended(ids[index]!);
        const [first] = jobErrors(record);
        const found = JSON.stringify(jobErrors(record));
        assert.equal(record.jobStatus, 'failed', `${words.join(' ')}: ${found}`);
        assert.deepEqual([first?.component, first?.code], ['trans', code], `${words.join(' ')}: ${found}`);
        assert.match(`${first?.diag ?? first?.title}`, sentence, words.join(' '));
      }
    });
  }

  it('a stand-in that is killed counts as out of memory', async () => {
    const ids = await sandbox.submit([
      ...(await build('phosim', 'instcat_small.txt', {}, ['--fail', 'killed'])),
      ...(await build('dmstack', 'pipeline_demo.yaml', DM, ['--fail', 'memory'])),
    ]);
    for (const id of ids) {
      const record = await sandbox.ended(id);
      assert.equal(record.transExitCode, '137');
      assert.match(
        jobErrors(record)
          .map(({ title }) => title)
          .join(' '),
        /SIGKILL/u,
      );
    }
  });
});
