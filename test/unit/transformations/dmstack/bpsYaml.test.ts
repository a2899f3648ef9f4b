import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkBpsYaml } from '../../../../src/transformations/dmstack/bpsYaml.ts';
import { brief, sample } from './samples.ts';

const check = (text: string): string[] => brief(checkBpsYaml(text).diagnostics);

describe('BPS submit files', () => {
  it('reads the sample', () => {
    const { detected, diagnostics, values } = checkBpsYaml(sample('bps_submit.yaml'));
    assert.equal(detected, true);
    assert.deepEqual(diagnostics, []);
    assert.equal(values?.pipelineYaml, 'pipeline_demo.yaml#singleFrame');
    assert.equal(values?.payloadName, 'demo');
    assert.equal(values?.inCollection, '2.2i/defaults/test-med-1');
    assert.equal(values?.lsstVersion, 'w_2026_16');
    assert.deepEqual(values?.resources, {
      memoryMB: 4096,
      cores: null,
      diskMB: null,
      walltimeSeconds: null,
      retries: 2,
    });
    assert.deepEqual(values?.tasks.get('calibrateImage'), {
      memoryMB: 8192,
      cores: null,
      diskMB: null,
      walltimeSeconds: 7200,
      retries: 2,
    });
    assert.deepEqual(
      values?.includes.map(({ location, isRead }) => [location, isRead]),
      [
        ['${CTRL_BPS_PANDA_DIR}/config/bps_usdf.yaml', false],
        ['${DRP_PIPE_DIR}/bps/resources/LSSTCam-imSim/DRP-DP0.2.yaml', false],
      ],
    );
  });

  it('tells submit files from others', () => {
    const table: readonly (readonly [string, boolean])[] = [
      ['pipelineYaml: x\n', true],
      ['qgraphFile: x\n', true],
      ['customJob: {executable: x}\n', true],
      ['payload: {}\nproject: x\n', true],
      ['payload: {}\n', false],
      ['project: x\ncampaign: y\n', false],
      ['[pipelineYaml: x]', false],
    ];
    for (const [text, detected] of table) assert.equal(checkBpsYaml(text).detected, detected, text);
  });

  it('says which files that it includes are not there, or include themselves', () => {
    const files: Readonly<Record<string, string>> = {
      'good.yaml': 'includeConfigs: [deep.yaml, nope.yaml]\n',
      'deep.yaml': 'requestCpus: 2\n',
      'self.yaml': 'includeConfigs: self.yaml\n',
      'one.yaml': 'includeConfigs: [good.yaml, two.yaml]\n',
      'two.yaml': 'includeConfigs: one.yaml\n',
    };
    const includes = 'good.yaml nope.yaml self.yaml one.yaml deep.yaml /site/x.yaml ${NO_DIR}/x.yaml'.split(
      ' ',
    );
    const text = `qgraphFile: x\nincludeConfigs:\n${includes.map((path) => `- ${path}\n`).join('')}`;
    const { diagnostics } = checkBpsYaml(text, { readFile: (path) => files[path] });
    assert.deepEqual(brief(diagnostics), [
      '4 warning include-missing',
      '5 error include-cycle',
      '6 error include-cycle',
    ]);
    // Where nothing can be read nothing is missing.
    assert.deepEqual(check(text), []);
  });

  it('puts in variables of the file and of the environment', () => {
    const text = `
pipelineYaml: "\${DRP_DIR}/DRP.yaml#{steps}"
steps: "{first},coadd"
first: isr
operator: jane
payload:
  payloadName: trial
  output: "u/{operator}/{payloadName}/{{x}}/<ENV:RUN>/{timestamp}"
  first: "\${UNSET}"
`;
    const { values, diagnostics } = checkBpsYaml(text, { environment: { DRP_DIR: '/drp', RUN: 'r1' } });
    assert.deepEqual(diagnostics, []);
    assert.equal(values?.output, 'u/jane/trial/{x}/r1/{timestamp}');
    // The payload section comes before the top, and what is not set stays.
    assert.equal(values?.pipelineYaml, '/drp/DRP.yaml#${UNSET},coadd');
  });

  it('looks into the section of the chosen site', () => {
    const text = `
pipelineYaml: x
computeSite: slac
requestMemory: 1000
site:
  slac: {requestMemory: 3000, queue: SLAC_Rubin}
  other: {requestMemory: 9000}
pipetask:
  isr: {requestMemory: 5_000}
`;
    const { values } = checkBpsYaml(text);
    assert.equal(values?.resources.memoryMB, 3000);
    assert.equal(values?.tasks.get('isr')?.memoryMB, 5000);
    assert.equal(values?.queue, 'SLAC_Rubin');
  });

  it('reads included files, the later and the nearer first', () => {
    const files: Record<string, string> = {
      '/c/one.yaml': 'requestMemory: 1\nrequestCpus: 1\nproject: one\n',
      '/c/two.yaml': 'includeConfigs: /c/three.yaml\nrequestCpus: 2\n',
      '/c/three.yaml': 'requestCpus: 3\nrequestDisk: 3\n',
    };
    const text =
      'includeConfigs: ["${C}/one.yaml", /c/two.yaml]\npipelineYaml: "{project}/{no}"\nnumberOfRetries: 7\n';
    const { values, diagnostics } = checkBpsYaml(text, {
      environment: { C: '/c' },
      readFile: (location) => files[location],
    });
    assert.deepEqual(values?.resources, {
      memoryMB: 1,
      cores: 2,
      diskMB: 3,
      walltimeSeconds: null,
      retries: 7,
    });
    assert.equal(values?.pipelineYaml, 'one/{no}');
    assert.deepEqual(brief(diagnostics), ['2 warning variable-unknown']);
    assert.deepEqual(check(text), [], 'a file that is not read may define it');
  });

  it('ends with files that include each other, and with ever more of them', () => {
    const text = 'includeConfigs: x\nqgraphFile: y\n';
    const { values, diagnostics } = checkBpsYaml(text, { readFile: () => 'includeConfigs: [x, x]\n' });
    assert.equal(values?.includes.length, 1);
    assert.deepEqual(brief(diagnostics), ['1 error include-cycle']);
    const more = checkBpsYaml(text, { readFile: (path) => `includeConfigs: [${path}a, ${path}b]\n` });
    assert.equal(more.values?.includes.length, 20);
  });

  const rules: readonly (readonly [string, string, ...string[]])[] = [
    ['pipetasks', 'pipelineYaml: x\npipetasks:\n  isr: {requestMemory: 1}\n', '2 warning likely-typo'],
    [
      'slips in other sections',
      'pipelineYaml: x\npayload:\n  dataquery: x\npipetask:\n  isr: {requestCpu: 1}\n',
      '3 warning likely-typo',
      '5 warning likely-typo',
    ],
    [
      'numbers that are none',
      'pipelineYaml: x\nrequestMemory: 4G\nnumberOfRetries: 1.5\n',
      '2 error not-a-number',
      '3 error not-a-number',
    ],
    [
      'numbers of one task',
      'pipelineYaml: x\npipetask:\n  isr: {requestCpus: many}\n',
      '3 error not-a-number',
    ],
    ['exit codes', 'pipelineYaml: x\nretryUnlessExit: [1, x]\n', '2 error not-a-number'],
    [
      'sections that are text',
      'pipelineYaml: x\npayload: y\npipetask: {isr: 1}\n',
      '2 error wrong-kind',
      '3 error wrong-kind',
    ],
    ['includes that are mappings', 'pipelineYaml: x\nincludeConfigs: {a: b}\n', '2 error wrong-kind'],
    [
      'an end point without a slash',
      'pipelineYaml: x\nfileDistributionEndPoint: s3://x\n',
      '2 warning missing-slash',
    ],
    ['a service that is no class', 'pipelineYaml: x\nwmsServiceClass: panda\n', '2 warning class-not-dotted'],
    ['variables in a circle', 'pipelineYaml: "{a}"\na: "{b}"\nb: "{a}"\n', '1 error variable-loop'],
    ['a duplicate key', 'pipelineYaml: x\npayload: {output: a, output: b}\n', '2 error duplicate-key'],
    [
      "variables of one's own and computed numbers",
      'pipelineYaml: x\nmyThing: 1\nrequestMemory: "{myThing}"\nrequestCpus: bpsEval(f)\n',
    ],
  ];
  for (const [what, text, ...expected] of rules) {
    it(`${expected.length === 0 ? 'lets pass' : 'finds'} ${what}`, () =>
      assert.deepEqual(check(text), expected));
  }

  it('knows the labels of a pipeline that can be read, and nothing of others', () => {
    const files: Record<string, string> = {
      'p.yaml': 'description: x\nimports: base.yaml\ntasks: {b: x.B}\nsubsets: {s: [a, b]}\n',
      'base.yaml': 'description: x\ntasks: {a: x.A}\n',
      'open.yaml': 'description: x\nimports: $X/y.yaml\n',
    };
    const table: readonly (readonly [string, ...string[]])[] = [
      ['pipelineYaml: p.yaml\npipetask: {a: {}, b: {}, pipetaskInit: {}}\n'],
      ['pipelineYaml: "p.yaml#a,s"\n'],
      ['pipelineYaml: "p.yaml#a, no"\n', '1 error pipeline-unknown-label'],
      ['pipelineYaml: "p.yaml#..a"\n'],
      ['pipelineYaml: p.yaml\npipetask: {s: {}}\n', '2 warning pipetask-unknown-label'],
      ['pipelineYaml: "{name}.yaml#{what}"\nname: p\nwhat: no\n', '1 error pipeline-unknown-label'],
      ['pipelineYaml: gone.yaml\npipetask: {a: {}}\n', '1 warning pipeline-missing'],
      ['pipelineYaml: "open.yaml#no"\npipetask: {a: {}}\n'],
      ['pipelineYaml: "${X}/p.yaml#no"\npipetask: {a: {}}\n'],
      ['pipelineYaml: /site/p.yaml#no\n'],
    ];
    for (const [text, ...expected] of table) {
      const { diagnostics } = checkBpsYaml(text, { readFile: (path) => files[path] });
      assert.deepEqual(brief(diagnostics), expected, text);
    }
    assert.deepEqual(check('pipelineYaml: gone.yaml\n'), [], 'nothing can be read');
  });

  it('stays quick with variables that multiply, and never throws', () => {
    const bomb = [...'abcdefgh'].map((name, i) => `${name}: "${`{${'bcdefghi'[i]}}`.repeat(40)}"`).join('\n');
    assert.equal(checkBpsYaml(`pipelineYaml: "{a}"\n${bomb}\n`).detected, true);
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (value, rest) => {
        checkBpsYaml(`pipelineYaml: ${value}\npayload:\n  output: ${rest}\n`);
      }),
      { numRuns: 1000 },
    );
  });
});
