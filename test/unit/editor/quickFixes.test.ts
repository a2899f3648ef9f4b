import assert from 'node:assert/strict';
import { fixesFor, type Fix } from '../../../src/editor/language/quickFixes.ts';
import { yamlFixesFor } from '../../../src/editor/language/yamlFixes.ts';
import {
  checkBpsYaml,
  checkCatalog,
  checkCommandFile,
  checkPipelineYaml,
} from '../../../src/transformations/index.ts';
import type { FileDiagnostic } from '../../../src/transformations/index.ts';

const OBJECT = 'object 1 53 -27.4 20 ../sky/sed_flat.txt 0 0 0 0 0 0';

/** A line as a fix leaves it; undefined where the line goes. */
function after(line: string, { edit }: Fix): string | undefined {
  switch (edit.kind) {
    case 'replace':
      return line.slice(0, edit.from) + edit.text + line.slice(edit.to);
    case 'endLine':
      return `${line}\n`;
    case 'deleteLine':
      return undefined;
  }
}

/** Titles of the fixes of the first finding in a text, and what each leaves of its line. */
async function fixesIn(
  text: string,
  kind: 'catalog' | 'commands' = 'catalog',
  files: readonly string[] = [],
): Promise<readonly (readonly [title: string, line: string | undefined])[]> {
  const content = Buffer.from(text);
  const { diagnostics } =
    kind === 'catalog' ? await checkCatalog({ path: '/nowhere/cat', content }) : checkCommandFile(content);
  const [flaw, line] = flawOf(diagnostics, text);
  const sources = { isCommandFile: kind === 'commands', files: () => Promise.resolve(files) };
  const fixes = await fixesFor(flaw, line, sources);
  assert.ok(fixes.filter(({ preferred }) => preferred).length <= 1);
  return fixes.map((fix) => [fix.title, after(line, fix)]);
}

/** The first finding as the editor gives it back, and its line. */
function flawOf(
  diagnostics: readonly FileDiagnostic[],
  text: string,
): readonly [flaw: { code: string; from: number; to: number }, line: string] {
  const [first] = diagnostics;
  assert.ok(first, `nothing is found in ${text}`);
  const line = text.split('\n')[first.line - 1] ?? '';
  const { column = 1, endColumn = line.length + 1 } = first;
  return [{ code: first.code, from: column - 1, to: endColumn - 1 }, line];
}

describe('quick fixes of a catalog', () => {
  const cases: readonly (readonly [
    text: string,
    ...fixes: (readonly [title: string, line: string | undefined])[],
  ])[] = [
    [`${OBJECT} star none none`, ['Change star to point', `${OBJECT} point none none`]],
    [
      `${OBJECT} gaus none none`,
      ['Change gaus to gauss', `${OBJECT} gauss none none`],
      ['Change gaus to point', `${OBJECT} point none none`],
    ],
    [
      `${OBJECT} point Ccm 0.1 3.1 none`,
      ['Change Ccm to ccm', `${OBJECT} point ccm 0.1 3.1 none`],
      ['Change Ccm to none', `${OBJECT} point none 0.1 3.1 none`],
    ],
    [`${OBJECT} point none none#x`, ['Put a blank before the #', `${OBJECT} point none none #x`]],
    ['vistme 3', ['Change vistme to vistime', 'vistime 3'], ['Remove this line', undefined]],
    ['lorem 3', ['Remove this line', undefined]],
    ['filter r', ['Change r to 2', 'filter 2']],
    ['Opsim_filter Y', ['Change Y to 5', 'Opsim_filter 5']],
    ['filter red'],
    ['filter 7'],
    ['vistime thirty'],
    ['mjd 59797,5', ['Change 59797,5 to 59797.5', 'mjd 59797.5']],
    ['vistime 3.0D+1', ['Change 3.0D+1 to 3.0e+1', 'vistime 3.0e+1']],
    [
      `${OBJECT.replace('27.4', '27,4')} point none none`,
      ['Change -27,4 to -27.4', `${OBJECT} point none none`],
    ],
    ['date 2022-08-06', ['Change 2022-08-06 to 2022/8/6/0', 'date 2022/8/6/0']],
    ['date 2022-08-06T12:00:00', ['Change 2022-08-06T12:00:00 to 2022/8/6/0', 'date 2022/8/6/0']],
    ['date yesterday'],
    ['# the date', ['Remove this comment', undefined]],
    ['rottelpos 0 # at mjd 5', ['Remove this comment', 'rottelpos 0']],
    ['mjd 1\nmjd 2', ['Remove this line, so that the earlier one counts', undefined]],
  ];
  for (const [text, ...fixes] of cases) {
    it(`${text}: ${fixes.map(([title]) => title).join(', ') || 'none'}`, async () => {
      assert.deepEqual(await fixesIn(`${text}\n`), fixes);
    });
  }

  it('name files that are there', async () => {
    const files = ['gal_cat_900002.txt.gz', 'star_cat_900002.txt'];
    assert.deepEqual(await fixesIn('includeobj star_cat_90002.txt\n', 'catalog', files), [
      ['Change star_cat_90002.txt to star_cat_900002.txt', 'includeobj star_cat_900002.txt'],
    ]);
    assert.deepEqual(await fixesIn('includeobj x\n', 'catalog', ['unlike.txt']), []);
  });
});

describe('quick fixes of a command file', () => {
  it('know its own commands', async () => {
    assert.deepEqual(await fixesIn('clearturbulance\n', 'commands'), [
      ['Change clearturbulance to clearturbulence', 'clearturbulence'],
      ['Remove this line', undefined],
    ]);
  });

  it('end the last line', async () => {
    assert.deepEqual(await fixesIn('fringing 0', 'commands'), [['End the last line', 'fringing 0\n']]);
  });
});

describe('quick fixes of YAML', () => {
  const cases: readonly (readonly [text: string, title: string, line: string])[] = [
    ['pipelineYaml: x\npipetasks: {}\n', 'Change pipetasks to pipetask', 'pipetask: {}'],
    ['pipelineYaml: x\npayload:\n  dataquery: x\n', 'Change dataquery to dataQuery', '  dataQuery: x'],
    [
      'pipelineYaml: x\nfileDistributionEndPoint: "s3://x"\n',
      'Change "s3://x" to "s3://x/"',
      'fileDistributionEndPoint: "s3://x/"',
    ],
    ['description: x\ntasks: {a: x.A}\nsubset: {s: [a]}\n', 'Change subset to subsets', 'subsets: {s: [a]}'],
    ['description: x\ninherits: y\n', 'Change inherits to imports', 'imports: y'],
  ];
  for (const [text, title, line] of cases) {
    it(title, () => {
      const check = text.startsWith('pipelineYaml') ? checkBpsYaml : checkPipelineYaml;
      const [flaw, whole] = flawOf(check(text).diagnostics, text);
      assert.deepEqual(
        yamlFixesFor(flaw, whole).map((fix) => [fix.title, after(whole, fix)]),
        [[title, line]],
      );
    });
  }

  it('are none where nothing is obvious', () => {
    const text = 'description: x\ntasks: {a: word, b: x.B}\n';
    const [flaw, whole] = flawOf(checkPipelineYaml(text).diagnostics, text);
    assert.deepEqual(yamlFixesFor(flaw, whole), []);
  });
});
