import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { root } from '../../../scripts/lib/paths.ts';
import { problemsOf } from '../../../scripts/lib/repository.ts';

describe('the rules of the repository', () => {
  it('find the path of the checkout and home folders, with their lines', () => {
    const home = ['', 'home', 'somebody', 'code'].join('/');
    const text = ['fine', `const a = '${root}/src'`, `see ${home}`].join('\n');
    assert.deepEqual(problemsOf('docs/a.md', text), [
      `docs/a.md:2: a path of one machine: ${root}`,
      `docs/a.md:3: a path of one machine: ${home}`,
    ]);
  });

  it('let made-up home folders and recorded exchanges pass', () => {
    assert.deepEqual(problemsOf('docs/a.md', 'put it into /home/user/jobs'), []);
    assert.deepEqual(problemsOf('test/fixtures/a.json', `"${root}/x"`), []);
  });

  it('find a registry in the lock file', () => {
    const found = problemsOf('package-lock.json', '{\n  "resolved": "https://registry.example/a.tgz"\n}');
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^package-lock\.json:2: /);
  });
});

describe('package.json', () => {
  const twice = (json: string): readonly string[] => parseDocument(json).errors.map(({ code }) => code);

  it('has no key twice, of which the first would be passed over', () => {
    assert.deepEqual(twice('{"scripts": {"a": 1, "b": 2, "a": 3}}'), ['DUPLICATE_KEY']);
    assert.deepEqual(twice(readFileSync(join(root, 'package.json'), 'utf8')), []);
  });
});
