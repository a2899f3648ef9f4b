import assert from 'node:assert/strict';
import type { Profile } from '../../../../src/panda/index.ts';
import { stageBelow } from '../../../../src/transformations/submissionFile/index.ts';
import { profileOf } from '../../watch/submissionServer.ts';

describe('a staging folder', () => {
  const profile = profileOf('http://x');
  const s3 = (prefix: string | undefined): Profile => ({
    ...profile,
    staging: {
      kind: 's3',
      bucket: 'desc',
      prefix,
      endpoint: undefined,
      region: undefined,
      pathStyle: undefined,
      caFile: undefined,
      credentialsProfile: undefined,
      checksums: undefined,
    },
  });
  const prefixOf = ({ staging }: Profile): unknown => staging?.kind === 's3' && staging.prefix;

  it('lies below the place of the profile', () => {
    const local: Profile = { ...profile, staging: { kind: 'folder', folder: '/data' } };
    assert.deepEqual(stageBelow(local, 'a/b').staging, { kind: 'folder', folder: '/data/a/b' });
    assert.equal(prefixOf(stageBelow(s3(undefined), 'a')), 'a');
    assert.equal(prefixOf(stageBelow(s3('x/y/'), 'a')), 'x/y/a');
  });

  it('changes nothing where there is none', () => {
    assert.equal(stageBelow(profile, 'a'), profile);
    assert.equal(stageBelow(s3('x'), undefined).staging?.kind, 's3');
  });
});
