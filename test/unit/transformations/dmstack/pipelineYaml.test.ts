import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkPipelineYaml } from '../../../../src/transformations/dmstack/pipelineYaml.ts';
import { brief, sample } from './samples.ts';

interface Expected {
  readonly detected: boolean;
  readonly diagnostics: readonly { line: number; severity: string; code: string }[];
}

const check = (text: string): string[] => brief(checkPipelineYaml(text).diagnostics);
/** A whole pipeline with two tasks, and more behind it. */
const pipeline = (more: string): string => `description: x\ntasks:\n  a: x.A\n  b:\n    class: x.B\n${more}`;

describe('pipeline YAML', () => {
  it('gives for the broken sample what is asked, and where', () => {
    const expected = (JSON.parse(sample('expected.json')) as Record<string, Expected>)[
      'pipeline_broken.yaml'
    ]!;
    const checked = checkPipelineYaml(sample('pipeline_broken.yaml'));
    assert.equal(checked.detected, expected.detected);
    assert.deepEqual(brief(checked.diagnostics), brief(expected.diagnostics));
    const unknown = checked.diagnostics.find(({ code }) => code === 'subset-unknown-label');
    assert.deepEqual([unknown?.column, unknown?.endColumn], [32, 40]);
    assert.match(unknown?.message ?? '', /notThere/);
  });

  it('finds nothing in the good sample, and sums it up', () => {
    const checked = checkPipelineYaml(sample('pipeline_demo.yaml'));
    assert.deepEqual(checked.diagnostics, []);
    assert.deepEqual(checked.summary, {
      description: 'Demo single-frame and coadd processing for a developer trial',
      instrument: 'lsst.obs.lsst.LsstCamImSim',
      tasks: ['isr', 'makeDirectWarp', 'assembleCoadd'],
      subsets: ['singleFrame', 'coaddition'],
      steps: ['singleFrame', 'coaddition'],
      imports: ['$DRP_PIPE_DIR/pipelines/_ingredients/LSSTCam-imSim/DRP.yaml'],
      configFiles: ['$MY_CONFIGS/warp.py'],
    });
  });

  it('tells pipelines from other files', () => {
    const table: readonly (readonly [string, boolean])[] = [
      ['description: x\ntasks: {}\n', true],
      ['description: x\nimports: y\n', true],
      ['tasks: {a: x.A}\n', true],
      ['tasks: {a: {class: x.A}}\n', true],
      ['tasks: {a: word}\n', false],
      ['description: x\ninherits: y\n', true],
      ['description: x\nsubsets: {s: [a]}\n', true],
      ['description: x\ninstrument: lsst.obs.X\n', true],
      ['description: x\ninstrument: violin\n', false],
      ['description: x\n', false],
      ['description: x\ntasks: {a: x.A}\npipelineYaml: y\n', false],
      ['tasks: [a, b]\n', false],
      ['- tasks:\n', false],
      ['', false],
    ];
    for (const [text, detected] of table) assert.equal(checkPipelineYaml(text).detected, detected, text);
    assert.equal(checkPipelineYaml(sample('bps_submit.yaml')).detected, false);
  });

  const rules: readonly (readonly [string, string, ...string[]])[] = [
    ['a duplicate key', pipeline('tasks: {}\n'), '6 error duplicate-key'],
    ['a duplicate key far in', pipeline('parameters: {a: {b: 1, b: 2}}\n'), '6 error duplicate-key'],
    [
      'a merge key that stands twice',
      'description: x\ntasks:\n  a: &a\n    class: x.A\n  b:\n    <<: *a\n    <<: *a\n',
      '7 error duplicate-key',
    ],
    ['inherits alone', 'description: x\ninherits: y\n', '2 error inherits-not-supported'],
    [
      'inherits beside imports',
      'description: x\nimports: x\ninherits: y\n',
      '3 error inherits-not-supported',
    ],
    [
      'neither tasks nor imports',
      'description: x\ninstrument: lsst.obs.X\nparameters: {}\n',
      '1 error missing-tasks',
    ],
    ['a list of instruments', pipeline('instrument: [a, b]\n'), '6 error instrument-list'],
    ['parameters that are a list', pipeline('parameters: [a]\n'), '6 error parameters-not-mapping'],
    ['subset for subsets', pipeline('subset:\n  s: [a]\n'), '6 error subset-instead-of-subsets'],
    ['an unknown key of a task', pipeline('    konfig: 1\n'), '6 warning unknown-task-key'],
    ['a class that is one word', pipeline('  c: Task\n'), '6 warning class-not-dotted'],
    ['a class that is a list', pipeline('  c: [x.A]\n'), '6 error missing-class'],
    ['a config that is text', pipeline('    config: x\n'), '6 error wrong-kind'],
    ['a config file that is a mapping', pipeline('    config: {file: {}}\n'), '6 error wrong-kind'],
    ['a dataId that is text', pipeline('    config:\n      - dataId: x\n'), '7 error wrong-kind'],
    ['a good config', pipeline('    config: [{file: [a, b], python: x, dataId: {}, f.g: 1}]\n')],
    [
      'sections that hold nothing',
      pipeline('subsets:\nsteps:\ncontracts:\n'),
      ...[6, 7, 8].map((line) => `${line} error empty-section`),
    ],
    [
      'a parameter that is not there',
      pipeline('    config: {f: parameters.p, g: parameters.q, python: parameters.r}\nparameters: {p: 1}\n'),
      '6 information unknown-parameter',
    ],
    ['a parameter that an import may bring', pipeline('    config: {f: parameters.p}\nimports: x\n')],
    [
      'a subset mapping without subset',
      pipeline('subsets:\n  s: {description: x}\n'),
      '7 error missing-subset',
    ],
    ['a subset that is text', pipeline('subsets:\n  s: a\n'), '7 error wrong-kind'],
    ['an unknown label', pipeline('subsets:\n  s: [a,\n    c]\n'), '8 error subset-unknown-label'],
    ['an unknown label that an import may bring', pipeline('imports: x\nsubsets:\n  s: [c]\n')],
    [
      'a step declared twice',
      pipeline('subsets: {s: [a]}\nsteps:\n- {label: s, dimensions: x}\n- {label: s, dimensions: x}\n'),
      '9 error duplicate-step',
    ],
    [
      'a step with another key',
      pipeline('subsets: {s: [a]}\nsteps:\n- {label: s, dimensions: x, y: 1}\n'),
      '8 error step-unknown-key',
    ],
    [
      'a step without dimensions',
      pipeline('subsets: {s: [a]}\nsteps:\n- label: s\n'),
      '8 error step-without-dimensions',
    ],
    ['a step that an import may bring', pipeline('imports: x\nsteps:\n- {label: s, dimensions: x}\n')],
    [
      'a contract of an unknown task',
      pipeline('contracts:\n- c.x == 1\n'),
      '7 warning contract-unknown-label',
    ],
    [
      'a contract without an expression',
      pipeline('contracts:\n- msg: x\n'),
      '7 error contract-without-expression',
    ],
    [
      'good contracts',
      pipeline(
        `contracts:\n- a.x == 'c.y' and len(b.z) > 1.5\n- {contract: "all(n.x for n in a.list)", msg: c.d}\n`,
      ),
    ],
    ['an import without a location', pipeline('imports:\n- include: a\n'), '7 error import-without-location'],
    [
      'an import with another key',
      // What it brings is not known before it is mended.
      pipeline('imports:\n- location: x\n  includes: a\nsubsets:\n  s: [unknown]\n'),
      '8 error import-unknown-key',
    ],
    [
      'a mode that is none',
      pipeline('imports:\n- location: x\n  labeledSubsetModifyMode: KEEP\n'),
      '8 error modify-mode',
    ],
    [
      'two tasks renamed to one',
      pipeline('imports:\n- location: x\n  rename: {c: d, e: d}\n'),
      '8 error rename-duplicate',
    ],
    [
      'a task renamed to one that is renamed',
      pipeline('imports:\n- location: x\n  rename: {c: d, d: e}\n'),
      '8 error rename-clash',
    ],
    ['an empty include beside exclude', pipeline('imports:\n- location: x\n  include: []\n  exclude: a\n')],
    ['a key of no meaning', pipeline('extras: 1\n'), '6 information unknown-key'],
    ['tasks that are not there yet', 'description: x\ntasks:\n'],
    ['a NUL', pipeline('parameters: {x: "a\0b", y: c\0}\n'), '6 error control-character'],
    ['a control character in a comment', pipeline('# \u001b[1m\n'), '6 error control-character'],
    ['what was no UTF-8', pipeline('parameters: {x: caf\ufffd}\n'), '6 warning not-utf8'],
    ['a next line and a tab', pipeline('parameters: {x: "a\u0085\tb"}\n')],
    ['a tag of Python', pipeline('parameters: {x: !!python/name:os.system }\n'), '6 warning yaml-tag'],
    ['a tag that every loader knows', pipeline('parameters: {x: !!float inf, y: !!set {a}}\n')],
    ['two documents', pipeline('---\nb: 1\n'), '6 error multiple-documents'],
    ['an alias of nothing', pipeline('parameters: {x: *no}\n'), '6 error unknown-alias'],
    [
      'anchors and merge keys',
      'description: x\ntasks:\n  a: &t\n    class: x.A\n  b:\n    <<: *t\n    config: {}\n',
    ],
    [
      'a class that only a merge brings, and is none',
      'description: x\ntasks:\n  a: &t\n    config: {}\n  b:\n    <<: *t\n    class: x.B\n',
      '4 error missing-class',
    ],
    ['no YAML', pipeline('subsets: [\n'), '7 error yaml-syntax'],
    ['tabs', 'description: x\ntasks:\n\ta: x.A\n', '3 error yaml-syntax'],
    [
      'what is nested too deeply',
      pipeline(`parameters: {a: ${'['.repeat(100)}${']'.repeat(100)}}\n`),
      '6 error nested-too-deeply',
    ],
    ['more than is read', pipeline(`# ${'x'.repeat(10_000_000)}\n`), '1 information too-large'],
  ];
  for (const [what, text, ...expected] of rules) {
    it(`${expected.length === 0 ? 'lets pass' : 'finds'} ${what}`, () =>
      assert.deepEqual(check(text), expected));
  }

  it('lists 200 findings, errors before all others, and counts the rest', () => {
    const tasks = Array.from({ length: 300 }, (_, number) => `  t${number}: word\n`).join('');
    const labels = Array.from({ length: 50 }, (_, number) => `no${number}`).join(', ');
    const text = `description: x\ntasks:\n${tasks}  a: x.A\nsubsets:\n  s: [${labels}]\n`;
    const { diagnostics, unlisted, counts } = checkPipelineYaml(text);
    assert.equal(diagnostics.length, 200);
    assert.equal(diagnostics.filter(({ severity }) => severity === 'error').length, 50);
    assert.deepEqual(counts, { error: 50, warning: 300, information: 0 });
    assert.equal(unlisted, 150);
  });

  it('stays quick with texts that are made to be slow', () => {
    const laughs = [...Array(60).keys()].map(
      (i) => `x${i}: &x${i} [${i === 0 ? 'a' : `*x${i - 1}, *x${i - 1}`}]`,
    );
    const hostile = [
      pipeline(`${laughs.join('\n')}\nsubsets: {s: *x59}\n`),
      pipeline(`parameters: ${'['.repeat(50_000)}`),
      pipeline(`parameters: ${'{a: '.repeat(20_000)}`),
      pipeline('  c: x.C\n'.repeat(20_000)),
      pipeline(`contracts: "for${' '.repeat(9000)}x"\n`),
      pipeline(`contracts: "${'a .'.repeat(3000)}"\n`),
      pipeline(`instrument: [${'*no, '.repeat(20_000)}]`),
      pipeline('x'.repeat(600_000)),
    ];
    for (const text of hostile) {
      const begun = process.cpuUsage();
      assert.ok(checkPipelineYaml(text).diagnostics.length <= 200);
      const taken = process.cpuUsage(begun).user / 1000;
      assert.ok(taken < 10_000, `${taken} ms for ${text.slice(50, 90)}`);
    }
  });

  it('does not go through blank lines again and again where a text cannot be read', () => {
    const text = `tasks: [\n${'\n'.repeat(60_000)}x`;
    const begun = process.cpuUsage();
    assert.equal(checkPipelineYaml(text).detected, false);
    assert.ok(process.cpuUsage(begun).user < 2_500_000);
  });

  it('never throws, and places everything inside the text', () => {
    const piece = fc.constantFrom(
      'description: x\n',
      'tasks:\n',
      '  a: x.A\n',
      'imports:\n',
      '- location: x\n',
      'subsets: ',
      '[a, b]',
      '{',
      '}',
      '*a ',
      '&a ',
      '!t ',
      '? ',
      '- ',
      '\n',
      '---\n',
      '...\n',
      '<<: ',
      '"',
      "'",
      '|\n',
      '\t',
      '\0',
      '\ud800',
      ': ',
      '#',
      '%YAML 1.1\n',
    );
    const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 40 });
    fc.assert(
      fc.property(text, (pieces) => {
        const whole = `description: x\ntasks: {a: x.A}\n${pieces.join('')}`;
        const lines = whole.split(/\r\n|\r|\n/).length;
        for (const { line, column = 1 } of checkPipelineYaml(whole).diagnostics) {
          assert.ok(line >= 1 && line <= lines && column >= 1);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
