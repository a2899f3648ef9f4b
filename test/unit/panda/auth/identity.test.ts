import assert from 'node:assert/strict';
import { PandaError } from '../../../../src/panda/index.ts';
import type { TokenSource } from '../../../../src/panda/index.ts';
import { validSpecs } from '../replay.ts';
import { no, ok, plain, startFakeServer } from '../fakeServer.ts';
import type { FakeServer } from '../fakeServer.ts';

const EXPIRED = 'ERROR : Token authentication failed. Invalid token. Signature has expired';

describe('a token that the server refuses', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer();
  });
  afterEach(() => server.close());

  /** Gives these tokens one after the other, and notes which were refused. */
  function tokensOf(...tokens: string[]): TokenSource & { readonly refused: string[] } {
    const refused: string[] = [];
    return {
      refused,
      token: async () => tokens[0] ?? '',
      renewed: async (token) => {
        refused.push(token);
        tokens.shift();
        return tokens[0];
      },
    };
  }

  /** Accepts one token alone. */
  const accept = (good: string, text = EXPIRED, status = 403): void => {
    server.answer = (asked, response) =>
      asked.headers.authorization === `Bearer ${good}` ? ok(response, []) : plain(response, status, text);
  };

  const call = (tokens: TokenSource): Promise<unknown> =>
    server.client({}, { tokens }).metaconfig.getResourceTypes();

  const refusal = async (tokens: TokenSource): Promise<PandaError> => {
    try {
      await call(tokens);
    } catch (error) {
      assert.ok(error instanceof PandaError);
      return error;
    }
    return assert.fail('it is not refused');
  };

  it('is replaced, and the call sent once more', async () => {
    accept('two');
    const tokens = tokensOf('one', 'two');
    await call(tokens);
    assert.deepEqual(tokens.refused, ['one']);
    assert.deepEqual(
      server.asked.map(({ headers }) => [headers.authorization, headers.origin]),
      [
        ['Bearer one', 'lsst'],
        ['Bearer two', 'lsst'],
      ],
    );
    accept('two', 'who are you', 401);
    await call(tokensOf('one', 'two'));
  });

  it('is replaced once only: then the user has to sign in', async () => {
    accept('three');
    const error = await refusal(tokensOf('one', 'two', 'three'));
    assert.equal(server.asked.length, 2);
    assert.deepEqual([error.kind, error.needsSignIn, error.mayHaveActed], ['unauthorised', true, false]);
    assert.match(error.message, /Signature has expired/);
    assert.equal((await refusal(tokensOf('one'))).needsSignIn, true);
    assert.equal(server.asked.length, 3);
  });

  it('is not replaced where another would not help', async () => {
    accept('none', 'ERROR : Token authentication failed. Not a member of the Rubin/production group');
    const member = await refusal(tokensOf('one', 'two'));
    assert.deepEqual([member.kind, member.needsSignIn], ['unauthorised', false]);
    assert.match(member.advice, /membership/);
    accept('none', 'ERROR : Jane Doe is banned');
    assert.equal((await refusal(tokensOf('one', 'two'))).needsSignIn, false);
    server.answer = (_asked, response) => no(response, 'production or pilot role required');
    assert.equal((await refusal(tokensOf('one', 'two'))).needsSignIn, false);
    assert.equal(server.asked.length, 3);
  });

  it('that cannot be had says what was to be done', async () => {
    const error = await refusal({
      token: () =>
        Promise.reject(
          new PandaError({
            kind: 'unauthorised',
            tried: 'use the sign-in',
            cameBack: 'there is none',
            advice: 'Sign in',
            needsSignIn: true,
          }),
        ),
      renewed: () => Promise.resolve(undefined),
    });
    assert.match(error.message, /^Could not .*resource types.*: could not use the sign-in: there is none\.$/);
    assert.deepEqual([error.advice, error.needsSignIn, server.asked.length], ['Sign in', true, 0]);
  });

  it('leaves jobs not sent, rather than refused', async () => {
    accept('none');
    const outcomes = await server.client({}, { tokens: tokensOf('one') }).jobs.submit(validSpecs(2));
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['notSent', 'notSent'],
    );
    server.answer = (asked, response) =>
      asked.headers.authorization === 'Bearer two'
        ? ok(response, [[1, 1, {}]])
        : plain(response, 403, EXPIRED);
    const [outcome] = await server.client({}, { tokens: tokensOf('one', 'two') }).jobs.submit(validSpecs(1));
    assert.equal(outcome?.kind, 'accepted');
  });

  it('and its successor are in nothing that comes back', async () => {
    server.answer = (asked, response) => ok(response, { parameters: {}, environment: asked.headers });
    const client = server.client({}, { tokens: tokensOf('token-number-one') });
    const attributes = await client.system.getAttributes();
    assert.doesNotMatch(JSON.stringify(attributes), /token-number/);
  });
});
