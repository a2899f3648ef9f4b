import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPipelineYaml } from '../../../../src/transformations/dmstack/pipelineYaml.ts';
import { checkFile } from '../../../../src/transformations/index.ts';
import { readBeside } from '../../../../src/transformations/readBeside.ts';
import { brief } from './samples.ts';

/** An imported pipeline: tasks a to d, and two subsets. */
const BASE = `description: x
tasks: {a: x.A, b: x.B, c: x.C, d: x.D}
subsets:
  ab: [a, b]
  cd: {subset: [c, d]}
`;
const FILES: Readonly<Record<string, string>> = {
  'base.yaml': BASE,
  '/drp/base.yaml': BASE,
  'outer.yaml': 'description: x\nimports: base.yaml\ntasks: {e: x.E}\n',
  'open.yaml': 'description: x\nimports: $NO_DIR/x.yaml\ntasks: {e: x.E}\n',
  'self.yaml': 'description: x\nimports: self.yaml\ntasks: {a: x.A}\n',
  'one.yaml': 'description: x\nimports: two.yaml\n',
  'two.yaml': 'description: x\nimports: one.yaml\n',
  'broken.yaml': 'description: [\n',
};

function check(text: string): string[] {
  const environment = { DRP_DIR: '/drp' };
  return brief(checkPipelineYaml(text, { environment, readFile: (path) => FILES[path] }).diagnostics);
}

/** A pipeline with one import, as a mapping with these keys, and subsets and steps of its own. */
const importing = (keys: string, more: string): string =>
  `description: x\nimports:\n- {location: base.yaml${keys}}\n${more}`;

describe('imports of a pipeline that can be read', () => {
  const rules: readonly (readonly [string, string, ...string[]])[] = [
    ['tasks of the import', importing('', 'subsets: {s: [a, d]}\n')],
    ['a task that it has not', importing('', 'subsets: {s: [a, z]}\n'), '4 error subset-unknown-label'],
    [
      'a task that is not included',
      importing(', include: [a]', 'subsets: {s: [a, b]}\n'),
      '4 error subset-unknown-label',
    ],
    ['tasks of a subset that is included', importing(', include: ab', 'subsets: {s: [a, b]}\n')],
    [
      'a task that is excluded',
      importing(', exclude: a', 'subsets: {s: [a, b]}\n'),
      '4 error subset-unknown-label',
    ],
    [
      'tasks of a subset that is excluded',
      importing(', exclude: [cd]', 'subsets: {s: [a, c, d]}\n'),
      '4 error subset-unknown-label',
      '4 error subset-unknown-label',
    ],
    [
      'a task by its new name only',
      importing(', rename: {a: new}', 'subsets: {s: [new, a]}\n'),
      '4 error subset-unknown-label',
    ],
    ['a step of a subset of the import', importing('', 'steps: [{label: ab, dimensions: x}]\n')],
    [
      'a step of a subset that lost a task',
      importing(', exclude: a', 'steps: [{label: ab, dimensions: x}, {label: cd, dimensions: x}]\n'),
      '4 error step-without-subset',
    ],
    [
      'a step of a subset that was edited',
      importing(', exclude: a, labeledSubsetModifyMode: EDIT', 'steps: [{label: ab, dimensions: x}]\n'),
    ],
    [
      'a subset with the label of an imported task',
      importing('', 'subsets: {b: [a]}\n'),
      '4 error subset-label-clash',
    ],
    [
      'a task with the label of an imported subset',
      importing('', 'tasks: {ab: x.A}\n'),
      '3 error subset-label-clash',
    ],
    ['a contract on imported tasks', importing('', 'contracts: a.x == d.y\n')],
    ['a contract on none', importing('', 'contracts: a.x == z.y\n'), '4 warning contract-unknown-label'],
    ['a task that overrides an imported one', importing('', 'tasks: {a: y.A}\nsubsets: {s: [a, b]}\n')],
    [
      'labels behind a #, which the loader leaves',
      'description: x\nimports: base.yaml#a\nsubsets: {s: [b]}\n',
    ],
    ['an import of an import', 'description: x\nimports: outer.yaml\nsubsets: {s: [a, e]}\n'],
    [
      'none of those',
      'description: x\nimports: outer.yaml\nsubsets: {s: [z]}\n',
      '3 error subset-unknown-label',
    ],
    ['an import that imports what cannot be read', 'description: x\nimports: open.yaml\nsubsets: {s: [z]}\n'],
    ['a variable', 'description: x\nimports: $DRP_DIR/base.yaml\nsubsets: {s: [a]}\n'],
    [
      'a variable, and a task that is not there',
      'description: x\nimports: ${DRP_DIR}/base.yaml\nsubsets: {s: [z]}\n',
      '3 error subset-unknown-label',
    ],
    ['a variable that nobody sets', 'description: x\nimports: $NO_DIR/base.yaml\nsubsets: {s: [z]}\n'],
    ['an import at the site', 'description: x\nimports: /site/base.yaml\nsubsets: {s: [z]}\n'],
    ['an import that is not there', 'description: x\nimports: [gone.yaml]\n', '2 warning import-missing'],
    ['an import that is no YAML', 'description: x\nimports: broken.yaml\nsubsets: {s: [z]}\n'],
    [
      'an import of itself',
      'description: x\nimports: self.yaml\nsubsets: {s: [z]}\n',
      '2 error import-cycle',
    ],
    [
      'a circle further down, told once',
      'description: x\nimports:\n- base.yaml\n- {location: one.yaml, exclude: [a]}\n- two.yaml\n',
      '4 error import-cycle',
    ],
    [
      'a file that is reached by two ways',
      'description: x\nimports: [outer.yaml, {location: base.yaml, exclude: [ab, cd]}]\n',
    ],
    [
      'two imports of one task',
      'description: x\nimports:\n- {location: base.yaml, include: a}\n- {location: outer.yaml, include: [a, e]}\n',
      '4 error import-clash',
    ],
    [
      'two imports that share nothing',
      'description: x\nimports:\n- {location: base.yaml, exclude: a}\n- {location: outer.yaml, include: [a, e]}\n',
    ],
  ];
  for (const [what, text, ...expected] of rules) {
    it(`${expected.length === 0 ? 'let pass' : 'tell of'} ${what}`, () =>
      assert.deepEqual(check(text), expected));
  }

  it('are read from the folder of the file, and nothing but small files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'desc-panda-imports-'));
    try {
      mkdirSync(join(folder, 'sub'));
      writeFileSync(join(folder, 'sub', 'base.yaml'), BASE);
      writeFileSync(join(folder, 'large.yaml'), `${BASE}# ${'x'.repeat(1024 * 1024)}\n`);
      symlinkSync('/dev/zero', join(folder, 'endless.yaml'));
      const read = readBeside(folder);
      assert.equal(read('sub/base.yaml'), BASE);
      assert.equal(read(join(folder, 'sub/base.yaml')), BASE);
      for (const path of ['gone.yaml', 'sub', 'large.yaml', 'endless.yaml', 'a\0b']) {
        assert.equal(read(path), undefined, path);
      }
      const path = join(folder, 'main.yaml');
      writeFileSync(path, 'description: x\nimports: $SUB/base.yaml\nsubsets: {s: [a, z]}\n');
      const found = await checkFile(path, undefined, { environment: { SUB: 'sub' } });
      assert.deepEqual(brief(found?.diagnostics ?? []), ['3 error subset-unknown-label']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('end, however many there are', () => {
    const many = Array.from({ length: 30 }, (_, index) => `- f${index}.yaml`).join('\n');
    let read = 0;
    const { diagnostics } = checkPipelineYaml(`description: x\nimports:\n${many}\n`, {
      readFile: () => {
        read += 1;
        return `description: x\nimports:\n${many}\n`;
      },
    });
    assert.ok(read <= 230, String(read));
    assert.deepEqual(brief(diagnostics), ['3 error import-cycle']);
    const large = Array.from({ length: 100 }, (_, index) => `- f${index}.yaml`).join('\n');
    const begun = process.cpuUsage();
    checkPipelineYaml(`description: x\nimports:\n${large}\n`, {
      readFile: () => `description: x\ntasks: {a: x.A}\n# ${'x'.repeat(400_000)}\n`,
    });
    assert.ok(process.cpuUsage(begun).user < 5_000_000);
  });
});
