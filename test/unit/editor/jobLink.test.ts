import assert from 'node:assert/strict';
import fc from 'fast-check';
import { linkText, parseLink } from '../../../src/editor/links/jobLink.ts';

describe('links to jobs', () => {
  it('are read again as they were written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('job' as const, 'task' as const),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.option(fc.stringMatching(/^[\w.@ +äЖ京-]{1,40}$/u), { nil: undefined }),
        (kind, id, profile) => {
          const url = new URL(linkText('vscode', { kind, id, profile }));
          assert.equal(url.host, 'lsst-desc.desc-panda');
          const query = url.search.slice(1);
          for (const given of [query, decodeURIComponent(query)]) {
            assert.deepEqual(parseLink(url.pathname, given), { kind, id, profile });
          }
        },
      ),
    );
  });

  it('name a job or a task, and nothing else', () => {
    assert.deepEqual(parseLink('/job/7/', ''), { kind: 'job', id: 7, profile: undefined });
    for (const [path, query] of [
      ['/job/0', ''],
      ['/job/-7', ''],
      ['/job/7.5', ''],
      ['/job/99999999999999999', ''],
      ['/job/9007199254740993', ''],
      ['/job/7/cancel', ''],
      ['/../job/7', ''],
      ['/command/7', ''],
      ['/job/7', 'command=x'],
      ['/job/7', 'profile='],
      ['/job/7', 'profile=a&profile=b'],
      ['/job/7', 'profile=a%0Ab'],
      ['/job/7', `profile=${'a'.repeat(101)}`],
      ['/job/7', 'profile=%24(rm)'],
      ['/job/7', 'profile=%'],
      ['/job/7', 'profile=[a](command:b)'],
      ['/job/7', 'profile=a\u202eb'],
      ['/job/7', 'a=b&profile=c'],
      ['/job/7\n', ''],
    ] as const) {
      assert.equal(parseLink(path, query), undefined, `${path}?${query}`);
    }
  });
});
