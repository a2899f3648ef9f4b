import assert from 'node:assert/strict';
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
