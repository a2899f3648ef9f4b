import assert from 'node:assert/strict';
import { previewText } from '../../../../src/editor/submitting/previewText.ts';
import { prepareSubmission } from '../../../../src/watch/index.ts';
import { testProfile } from '../fakes.ts';
import { cacheUrl, request } from './forms.ts';

describe('what a preview shows', () => {
  it('is what would be sent, without what is unset', () => {
    const deps = {
      client: { files: { cacheUrl } },
      profile: testProfile,
      clock: { now: () => 1.79e12 },
      random: () => 0.5,
    };
    const prepared = prepareSubmission({ name: 'r22', requests: [request({ arguments: ['a b'] })] }, deps);
    const shown = JSON.parse(previewText(prepared, testProfile, cacheUrl)) as {
      readonly profile: string;
      readonly uploads: readonly { readonly name: string }[];
      readonly jobs: readonly Record<string, unknown>[];
    };
    assert.equal(shown.profile, 'test');
    assert.deepEqual(
      shown.uploads.map(({ name }) => name),
      ['run-script-0123456789ab.sh', 'jobO.0123456789abcdef.tar.gz'],
    );
    assert.match(String(shown.jobs[0]?.jobParameters), /-- 'a b'$/);
    assert.equal(shown.jobs[0]?.jobName, prepared.jobs[0]?.jobName);
    assert.ok(!Object.values(shown.jobs[0] ?? {}).includes(null));
  });

  it('names the files that are staged, and where', () => {
    const profile = { ...testProfile, staging: { kind: 'folder', folder: '/data/staging' } } as const;
    const deps = {
      client: { files: { cacheUrl } },
      profile,
      clock: { now: () => 1.79e12 },
      random: () => 0.5,
    };
    const inputs = [{ name: 'catalog/a.txt', path: '/home/ada/a.txt', size: 12 }];
    const requests = [request({ inputs, outputs: ['image.fits'] })];
    const shown = JSON.parse(
      previewText(prepareSubmission({ name: 'r22', requests }, deps), profile, cacheUrl),
    ) as {
      readonly stagedIn: string;
      readonly staged: readonly object[];
      readonly jobs: readonly Record<string, unknown>[];
    };
    assert.equal(shown.stagedIn, '/data/staging');
    assert.deepEqual(shown.staged, [{ name: 'catalog/a.txt', bytes: 12, from: '/home/ada/a.txt' }]);
    assert.deepEqual(shown.jobs[0]?.stagedOutputs, ['image.fits']);
  });
});
