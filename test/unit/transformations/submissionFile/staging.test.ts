import assert from 'node:assert/strict';
import type { Profile } from '../../../../src/panda/index.ts';
import {
  rebaseDescription,
  readSubmissionFile,
  stageBelow,
} from '../../../../src/transformations/submissionFile/index.ts';
import { profileOf } from '../../watch/submissionServer.ts';
import { examples } from './examples.ts';

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

describe('a description in another folder', () => {
  it('leads to the same files', () => {
    const { description } = readSubmissionFile(examples[5]!);
    assert.ok(description !== undefined);
    const there = rebaseDescription(description, { from: '/w/a', to: '/w' }, ['command']);
    assert.deepEqual(there.sweep, [
      { kind: 'files', files: ['a/visits/phosim_cat_900001.txt', 'a/visits/phosim_cat_900002.txt'] },
    ]);
    assert.deepEqual(rebaseDescription(there, { from: '/w', to: '/w/a' }, ['command']), description);
    const { description: one } = readSubmissionFile(examples[4]!);
    assert.deepEqual(rebaseDescription(one!, { from: '/w/a', to: '/w' }, ['command']).parameters.command, [
      'a/physics_commands.txt',
    ]);
  });
});
