import assert from 'node:assert/strict';
import type { IdentityFacts } from '../../../src/panda/index.ts';
import { endWarning } from '../../../src/watch/index.ts';

const DAY = 86_400_000;

const facts = (change: Partial<IdentityFacts>): IdentityFacts => ({
  kind: 'oidc',
  state: 'good',
  where: undefined,
  subject: undefined,
  user: undefined,
  issuer: undefined,
  groups: [],
  endsAt: undefined,
  signInEnd: undefined,
  isProxy: false,
  ...change,
});

describe('the warning before an end', () => {
  const text = (change: Partial<IdentityFacts>, now: number): string | undefined =>
    endWarning(facts(change), now)?.text;

  it('of a sign-in comes days before, and says how sure it is', () => {
    const certain = { at: 30 * DAY, certain: true, warnFrom: 26 * DAY };
    assert.equal(text({ signInEnd: certain }, 25 * DAY), undefined);
    assert.equal(
      text({ signInEnd: certain }, 27 * DAY),
      'The sign-in ends in 3 d; then nothing works until you sign in.',
    );
    const usual = { ...certain, certain: false };
    assert.equal(text({ signInEnd: usual }, 27 * DAY), 'The sign-in probably ends in about 3 d.');
    assert.equal(text({ signInEnd: usual }, 40 * DAY), 'The sign-in probably ends any time now.');
    assert.equal(text({ signInEnd: certain, state: 'ended' }, 27 * DAY), undefined);
  });

  it('of a token that is renewed by itself does not come; of others in their last hour', () => {
    assert.equal(text({ endsAt: 60_000 }, 0), undefined);
    assert.equal(text({ kind: 'token', endsAt: 60_000 }, 0), 'The token ends in 1 m.');
    assert.equal(text({ kind: 'certificate', isProxy: true, endsAt: 60_000 }, 0), 'The proxy ends in 1 m.');
    assert.equal(text({ kind: 'certificate', endsAt: 2 * 3_600_000 }, 0), undefined);
  });
});
