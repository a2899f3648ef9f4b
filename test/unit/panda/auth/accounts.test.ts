import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { signInFor } from '../../../../src/panda/index.ts';
import type { SignIn } from '../../../../src/panda/index.ts';
import { HOUR, startFakeProvider } from './fakeProvider.ts';
import type { FakeProvider } from './fakeProvider.ts';

const BOB = { sub: 'u-2', name: 'bob BERG' };

describe('several people of one VO', () => {
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider();
  });
  afterEach(() => provider.close());

  const profileNamed = (name: string): SignIn => {
    const signIn = signInFor({ ...provider.profile, name }, { delay: () => Promise.resolve() });
    assert.ok(signIn !== undefined);
    return signIn;
  };
  const signIn = async (as: SignIn, claims: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    provider.who = claims;
    await as.signIn({ onCode: () => undefined });
  };
  const people = async (of: SignIn): Promise<string[]> =>
    (await of.accounts()).map(({ user, isUsed, state }) => `${isUsed ? '* ' : ''}${user ?? ''} ${state}`);
  const shared = async (): Promise<unknown> => {
    const { id_token } = await provider.stored();
    const [, claims = ''] = String(id_token).split('.');
    return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: unknown }).sub;
  };

  it('one alone leaves nothing but the file of the official client', async () => {
    await signIn(profileNamed('a'));
    await signIn(profileNamed('a'));
    assert.deepEqual(await readdir(provider.folder), ['.token']);
    assert.deepEqual(await people(profileNamed('a')), ['* Jane Doe signedIn']);
  });

  it('are kept beside one another, each in one place, and the file holds who came last', async () => {
    await signIn(profileNamed('a'));
    await signIn(profileNamed('a'), BOB);
    assert.deepEqual(await people(profileNamed('a')), ['* Bob Berg signedIn', 'Jane Doe signedIn']);
    assert.equal(await shared(), 'u-2');
    const own = join(provider.folder, '.desc-panda');
    const [folder = ''] = (await readdir(own)).filter((name) => name !== 'used.json');
    assert.equal((await stat(join(own, folder, '.token'))).mode & 0o777, 0o600);
    await signIn(profileNamed('a'));
    assert.deepEqual(await people(profileNamed('a')), ['* Jane Doe signedIn', 'Bob Berg signedIn']);
    assert.equal(await shared(), 'u-1');
  });

  it('are chosen for each profile, which is remembered', async () => {
    await signIn(profileNamed('a'));
    await signIn(profileNamed('a'), BOB);
    const a = profileNamed('a');
    assert.equal((await a.use('u-1')).user, 'Jane Doe');
    const b = profileNamed('b');
    await b.use('u-2');
    assert.deepEqual(
      [(await profileNamed('a').status()).user, (await profileNamed('b').status()).user],
      ['Jane Doe', 'Bob Berg'],
    );
    assert.notEqual(await a.token(), await b.token());
    assert.match((await a.status()).where, /\.desc-panda\/[0-9a-f]{16}\/\.token$/);
    assert.equal(await shared(), 'u-2', 'the official client goes on as who came last');
    await assert.rejects(a.use('u-3'), { needsSignIn: true, cameBack: 'they are not signed in' });
  });

  it('are renewed each for themselves', async () => {
    provider.rotates = false;
    provider.life = HOUR;
    await signIn(profileNamed('a'));
    await signIn(profileNamed('a'), BOB);
    const a = profileNamed('a');
    await a.use('u-1');
    const before = await a.token();
    await a.refresh();
    assert.notEqual(await a.token(), before);
    assert.deepEqual(await people(a), ['* Jane Doe signedIn', 'Bob Berg signedIn']);
    assert.equal(await shared(), 'u-2');
  });

  it('are signed out one by one; who was chosen and is gone is nobody', async () => {
    await signIn(profileNamed('a'));
    await signIn(profileNamed('a'), BOB);
    const a = profileNamed('a');
    await a.use('u-1');
    assert.equal(await a.signOut('u-2'), true);
    assert.equal(await a.signOut('u-2'), false);
    assert.deepEqual(await people(a), ['* Jane Doe signedIn']);
    assert.equal(await a.signOut(), true);
    assert.deepEqual([await people(a), (await a.status()).state], [[], 'signedOut']);
  });

  it('follow the official client where it signed somebody in', async () => {
    await signIn(profileNamed('a'));
    const a = profileNamed('a');
    await provider.store(provider.tokens(BOB));
    assert.equal((await a.status()).user, 'Bob Berg');
  });
});
