import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { JobRequest, Problem } from '../../../../src/panda/index.ts';
import { createTransformations, type TransformationOptions } from '../../../../src/transformations/index.ts';
import { fillCommandTemplate } from '../../../../src/transformations/dmstack/commandTemplate.ts';
import { readPayloadSource } from '../payloadSources.ts';

const dm = createTransformations(readPayloadSource).find(({ id }) => id === 'dmstack')!;
const sample = (name: string) => fileURLToPath(new URL(`../../../fixtures/samples/${name}`, import.meta.url));
const PIPELINE = sample('pipeline_demo.yaml');
const BPS = sample('bps_submit.yaml');
const PLACE = { repository: ['/repo/main'], 'output-collection': ['u/jane/demo'] };

async function build(path: string | undefined, options: TransformationOptions) {
  const file = path === undefined ? undefined : { path, content: new Uint8Array() };
  return (await dm.read(file, options)).build(options);
}
async function request(path: string | undefined, options: TransformationOptions): Promise<JobRequest> {
  const built = await build(path, { sandbox: true, ...options });
  assert.ok(built.kind === 'requests', JSON.stringify(built));
  assert.equal(built.requests.length, 1);
  return built.requests[0]!;
}
async function problems(
  path: string | undefined,
  options: TransformationOptions,
): Promise<readonly Problem[]> {
  const built = await build(path, options);
  assert.ok(built.kind === 'problems', 'it was built');
  return built.problems;
}
const filesIn = ({ transformation }: JobRequest): string =>
  gunzipSync(transformation.tarball!.content).toString('latin1');

describe('jobs of the DM stack', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "desc-panda it's a pipeline "))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('recognises pipelines and BPS files', () => {
    const sure = (path: string, text: string) => dm.recognise({ path, content: Buffer.from(text) });
    assert.equal(sure('/x/a.yaml', 'description: x\ntasks:\n  isr: lsst.ip.isr.IsrTask\n'), 2);
    assert.equal(sure('/x/a.yml', 'pipelineYaml: x.yaml\n'), 2);
    assert.equal(sure('/x/a.yaml', 'name: ci\non: push\njobs: {}\n'), 0);
    assert.equal(sure('/x/a.txt', 'description: x\ntasks:\n  isr: lsst.ip.isr.IsrTask\n'), 0);
  });

  it('stages a pipeline and what it imports', async () => {
    write('more.yaml', 'description: more\ntasks:\n  isr: lsst.ip.isr.IsrTask\n');
    const main = write('main.yaml', 'description: x\nimports:\n  - more.yaml\n');
    const found = await request(main, { staged: true, parameters: { ...PLACE, software: ['stand-in'] } });
    assert.deepEqual(
      found.inputs?.map(({ name, path }) => [name, path]),
      [
        ['main.yaml', main],
        ['more.yaml', join(folder, 'more.yaml')],
      ],
    );
    assert.match(filesIn(found), /pipetask-standin\.py/u);
    assert.doesNotMatch(filesIn(found), /main\.yaml/u);
    const real = await request(main, { staged: true, parameters: { ...PLACE, software: ['/cvmfs/lsst'] } });
    assert.equal(real.transformation.tarball, undefined);
  });

  it('makes the words of pipetask, one by one', async () => {
    const found = await request(PIPELINE, {
      parameters: {
        ...PLACE,
        'input-collection': ['a,b'],
        'data-query': ["instrument='X' and detector=10; $(rm)"],
        config: ['isr:doDark=False', "isr:name='two words'"],
        labels: ['isr,coaddition'],
      },
      resources: { cores: 4 },
      arguments: ['--skip-existing'],
    });
    assert.deepEqual(found.arguments, [
      ...['--software', 'stand-in', '--pipeline', 'pipeline_demo.yaml#isr,coaddition', '--'],
      ...['pipetask', '--long-log', 'run', '-b', '/repo/main', '-i', 'a,b', '-o', 'u/jane/demo'],
      ...[
        '-d',
        "instrument='X' and detector=10; $(rm)",
        '-c',
        'isr:doDark=False',
        '-c',
        "isr:name='two words'",
      ],
      ...['-j', '4', '--register-dataset-types', '--summary', 'pipetask-summary.json', '--skip-existing'],
    ]);
    assert.deepEqual(found.outputs, ['pipetask-summary.json']);
    assert.match(filesIn(found), /pipeline_demo\.yaml.*\.desc-panda\/pipetask-standin\.py/su);
  });

  it('takes what a BPS file says, and what is chosen instead', async () => {
    const found = await request(BPS, { sandbox: false, parameters: PLACE });
    const line = found.arguments.join(' ');
    assert.match(
      line,
      /^--software \/cvmfs\/sw\.lsst\.eu\/\S+\/w_2026_16 --pipeline pipeline_demo\.yaml#singleFrame -- /u,
    );
    assert.match(line, / -i 2\.2i\/defaults\/test-med-1 .* -d instrument='LSSTCam-imSim' and /u);
    assert.deepEqual(found.resources, { cores: 1, memoryMB: 8192, diskMB: 10_000, walltimeSeconds: 7200 });
    const other = { ...PLACE, 'data-query': ['visit=1'], labels: ['isr'], software: ['/sw/w_1'] };
    const chosen = await request(BPS, { parameters: other, resources: { memoryMB: 1 } });
    assert.match(chosen.arguments.join(' '), /^--software \/sw\/w_1 --pipeline \S+#isr -- .* -d visit=1 /u);
    assert.equal(chosen.resources.memoryMB, 1);
  });

  it('leaves a pipeline of the release where it is', async () => {
    const path = write(
      'bps.yaml',
      'pipelineYaml: "${DRP_PIPE_DIR}/pipelines/X.yaml#step1"\npayload:\n  butlerConfig: /r\n  output: u/x\n',
    );
    const found = await request(path, {});
    assert.match(found.arguments.join(' '), /--pipeline \$\{DRP_PIPE_DIR\}\/pipelines\/X\.yaml#step1 --/u);
    assert.doesNotMatch(filesIn(found), /\.yaml/u);
  });

  it('sends what a pipeline imports from its folder, what that imports, and their config files', async () => {
    mkdirSync(join(folder, 'parts'));
    const task = (more: string): string => `description: x\ntasks:\n  isr:\n    class: x.Isr\n${more}`;
    write('parts/b.yaml', task('    config: {file: [parts/b.py, $X/c.py]}\nimports: c.yaml\n'));
    write('parts/b.py', 'config.x = 1\n');
    write('c.yaml', task('imports:\n  - location: $DRP_PIPE_DIR/x.yaml\n'));
    const main = write('main.yaml', task('imports:\n  - location: parts/b.yaml#isr\n'));
    const found = await request(main, { parameters: PLACE });
    // All are relative to where pipetask is started, as at home.
    assert.match(found.arguments.join(' '), / --pipeline main\.yaml -- /u);
    for (const name of ['main.yaml', 'parts/b.yaml', 'parts/b.py', 'c.yaml']) {
      assert.ok(filesIn(found).includes(`${name}\0`), name);
    }
  });

  it('sends the pipeline that a BPS file names from the folder of that file', async () => {
    mkdirSync(join(folder, 'pipes'));
    write('pipes/a.yaml', 'description: x\nimports: pipes/b.yaml\n');
    write('pipes/b.yaml', 'description: x\ntasks: {a: x.A}\n');
    const bps = 'payload: {butlerConfig: /r, output: u/x}\n';
    const found = await request(write('bps.yaml', `pipelineYaml: ./pipes/a.yaml#a\n${bps}`), {});
    assert.match(found.arguments.join(' '), / --pipeline pipes\/a\.yaml#a -- /u);
    for (const name of ['pipes/a.yaml', 'pipes/b.yaml']) assert.ok(filesIn(found).includes(`${name}\0`));

    mkdirSync(join(folder, 'bps'));
    write('alone.yaml', 'description: x\ntasks: {a: x.A}\n');
    const outside = write('bps/bps.yaml', `pipelineYaml: ../alone.yaml\n${bps}`);
    const other = await request(outside, {});
    assert.match(other.arguments.join(' '), / --pipeline alone\.yaml -- /u);
    assert.ok(filesIn(other).includes('alone.yaml\0'));
  });

  it('gives a pipeline a name at the site that is taken for nothing else', async () => {
    const found = await request(write('a#1 $x ü.yaml', 'description: x\ntasks: {a: x.A}\n'), {
      parameters: PLACE,
    });
    assert.match(found.arguments.join(' '), / --pipeline a_1 _x ü\.yaml -- /u);
  });

  it('runs an older program by a template', async () => {
    const found = await request(undefined, {
      parameters: {
        ...PLACE,
        template: [`processEimage.py {repository} --id visit=1 --output '{output-collection} {{x}}'`],
      },
      outputs: ['log.txt'],
    });
    assert.deepEqual(found.arguments, [
      ...['--software', 'stand-in', '--', 'processEimage.py', '/repo/main', '--id', 'visit=1'],
      ...['--output', 'u/jane/demo {x}'],
    ]);
    assert.deepEqual(found.outputs, ['log.txt']);
    assert.equal(found.name, 'DM stack');
  });

  const wrong: [string, string | (() => string) | undefined, TransformationOptions, string, RegExp][] = [
    ['no repository', PIPELINE, { sandbox: true }, 'parameters.repository', /has to be named/u],
    ['no output', PIPELINE, { sandbox: true }, 'parameters.output-collection', /has to be named/u],
    ['no software at a site', PIPELINE, { parameters: PLACE }, 'parameters.software', /has to be said/u],
    ['nothing to run', undefined, { sandbox: true, parameters: PLACE }, 'file', /No pipeline is given/u],
    [
      'a broken pipeline',
      sample('pipeline_broken.yaml'),
      { sandbox: true, parameters: PLACE },
      'file',
      /line 2: .* more\)$/u,
    ],
    ['a file that is gone', '/nowhere/a.yaml', { sandbox: true, parameters: PLACE }, 'file', /not there/u],
    [
      'a variable nobody puts in',
      PIPELINE,
      { sandbox: true, parameters: { ...PLACE, 'data-query': ['visit={visit}'] } },
      'parameters.data-query',
      /\{visit\}/u,
    ],
    [
      'a setting of no form',
      PIPELINE,
      { sandbox: true, parameters: { ...PLACE, config: ['doDark=False'] } },
      'parameters.config',
      /label:key=value/u,
    ],
    [
      'a product that is none',
      PIPELINE,
      { sandbox: true, parameters: { ...PLACE, product: ['a;b'] } },
      'parameters.product',
      /Not the name/u,
    ],
    [
      'a template with what is not given',
      undefined,
      { sandbox: true, parameters: { template: ['x {data-query}'] } },
      'parameters.template',
      /not given/u,
    ],
    [
      'a missing import',
      () => write('m.yaml', 'description: x\nimports: gone.yaml\n'),
      { sandbox: true, parameters: PLACE },
      'file',
      /imports gone\.yaml, which is not there/u,
    ],
    [
      'a task that the pipeline has not',
      () => write('m.yaml', 'description: x\ntasks: {a: x.A, b: x.B}\nsubsets: {s: [a]}\n'),
      { sandbox: true, parameters: { ...PLACE, labels: ['a,s,c'] } },
      'parameters.labels',
      /^The pipeline has no c: it has a, b, s\.$/u,
    ],
    [
      'a setting of a task that the pipeline has not',
      () => write('m.yaml', 'description: x\ntasks: {a: x.A}\n'),
      { sandbox: true, parameters: { ...PLACE, config: ['a:x=1', 'c:x=1'] } },
      'parameters.config',
      /^The pipeline has no task c\.$/u,
    ],
    [
      'a missing config file',
      () => write('m.yaml', 'description: x\ntasks: {a: {class: x.A, config: {file: gone.py}}}\n'),
      { sandbox: true, parameters: PLACE },
      'file',
      /m\.yaml names the config file gone\.py, which is not there/u,
    ],
    [
      'an import from elsewhere',
      () => write('m.yaml', 'description: x\nimports: ../../x.yaml\n'),
      { sandbox: true, parameters: PLACE },
      'file',
      /outside the folder/u,
    ],
  ];
  for (const [name, path, options, where, message] of wrong) {
    it(`refuses ${name}`, async () => {
      const found = await problems(typeof path === 'function' ? path() : path, options);
      const problem = found.find((one) => one.where === where);
      assert.match(problem?.message ?? JSON.stringify(found), message);
      assert.ok(problem);
    });
  }
});

describe('command templates', () => {
  const words = (template: string, values = {}) => {
    const filled = fillCommandTemplate(template, values);
    return filled.kind === 'words' ? filled.words : filled.message;
  };
  it('are split as by a shell, and nothing is expanded', () => {
    assert.deepEqual(words(`  a 'b c' "d \\" $(e)" f\\ g'h'"i" '' `), ['a', 'b c', 'd " $(e)', 'f ghi', '']);
  });
  it('take values as they are', () => {
    assert.deepEqual(words('x {v}{v} {{v}}', { v: "a b' $(c)" }), ['x', "a b' $(c)a b' $(c)", '{v}']);
  });
  it('say what is wrong with them', () => {
    assert.match(String(words(`a 'b`)), /quote/u);
    assert.match(String(words('a "b')), /quote/u);
    assert.match(String(words('a \\')), /quote/u);
    assert.match(String(words(' ')), /empty/u);
    assert.match(String(words('{w}', { v: '1' })), /knows no \{w\}: there are v/u);
    assert.match(String(words('{v}', { v: undefined })), /\{v\}, which is not given/u);
  });
});
