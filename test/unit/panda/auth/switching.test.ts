import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { signInFor, subjectOf, tokensOfOnePerson } from '../../../../src/panda/index.ts';
import type { AccountStore, SignIn, TokenSet } from '../../../../src/panda/index.ts';
import { until } from '../../../support/until.ts';
import { startFakeProvider } from './fakeProvider.ts';
import type { FakeProvider } from './fakeProvider.ts';

const JANE = 'u-1';
const BOB = { sub: 'u-2', name: 'bob BERG' };

describe('switching between people', () => {
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider();
  });
  afterEach(() => provider.close());

  const openSignIn = (): SignIn => {
    const signIn = signInFor(provider.profile, { delay: (ms) => sleep(Math.min(ms, 10)) });
    assert.ok(signIn !== undefined);
    return signIn;
  };
  const enter = async (as: SignIn, claims: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    provider.who = claims;
    await as.signIn({ onCode: () => undefined });
  };
  /** Jane and then Bob are signed in, and Jane is used. */
  const enterBoth = async (): Promise<SignIn> => {
    const signIn = openSignIn();
    await enter(signIn);
    await enter(signIn, BOB);
    await signIn.use(JANE);
    return signIn;
  };
  const whose = (token: string): string => subjectOf({ id_token: token });
  const people = async (of: SignIn): Promise<string[]> =>
    (await of.accounts()).map(({ user, isUsed }) => `${isUsed ? '* ' : ''}${user ?? ''}`);
  /** Holds answers to renewals back until the function it gives is called; says when one waits. */
  const holdRenewals = (): { readonly waits: () => boolean; readonly release: () => void } => {
    const { answer } = provider.server;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let waiting = false;
    provider.server.answer = async (asked, response) => {
      if (asked.path === '/token' && asked.text.includes('grant_type=refresh_token')) {
        waiting = true;
        await released;
      }
      await answer(asked, response);
    };
    return { waits: () => waiting, release };
  };

  it('a renewal under way does not take back the choice of somebody else', async () => {
    const signIn = await enterBoth();
    const before = await signIn.token();
    const held = holdRenewals();
    const renewing = signIn.refresh();
    await until('the renewal', async () => held.waits());
    await openSignIn().use(BOB.sub);
    held.release();
    await renewing;
    assert.equal(whose(await signIn.token()), BOB.sub);
    assert.deepEqual(await people(openSignIn()), ['* Bob Berg', 'Jane Doe']);
    const after = await signIn.of(JANE).token();
    assert.equal(whose(after), JANE);
    assert.notEqual(after, before, 'what was renewed is kept');
  });

  it('a renewal under way does not take back a sign-in as somebody else', async () => {
    const signIn = openSignIn();
    await enter(signIn);
    const before = await signIn.token();
    const held = holdRenewals();
    const renewing = signIn.refresh();
    await until('the renewal', async () => held.waits());
    const entering = enter(openSignIn(), BOB);
    await until('the code to be entered', async () => provider.count('device_code') === 2);
    held.release();
    await Promise.all([renewing, entering]);
    assert.deepEqual(await people(openSignIn()), ['* Bob Berg', 'Jane Doe']);
    assert.equal(whose(await signIn.token()), BOB.sub);
    assert.notEqual(await signIn.of(JANE).token(), before, 'what was renewed is kept');
  });

  it('a renewal under way does not bring back who signed out', async () => {
    const signIn = await enterBoth();
    const held = holdRenewals();
    const renewing = signIn.refresh();
    await until('the renewal', async () => held.waits());
    const leaving = openSignIn().signOut();
    held.release();
    await Promise.all([renewing, leaving]);
    assert.deepEqual(await people(openSignIn()), ['* Bob Berg']);
  });

  it('a renewal that cannot be stored does not take the choice back, and is not lost', async () => {
    const jane = provider.tokens({}) as TokenSet;
    const kept = new Map<string, TokenSet>([[JANE, jane]]);
    kept.set(BOB.sub, provider.tokens(BOB) as TokenSet);
    let used = JANE;
    const store: AccountStore = {
      where: 'a full disk',
      read: () => Promise.resolve(kept.get(used)),
      list: () => Promise.resolve([]),
      add: () => Promise.reject(new Error('ENOSPC')),
      use: (subject) => Promise.resolve(kept.has((used = subject))),
      remove: () => Promise.resolve(false),
      clear: () => Promise.resolve(false),
      of: (subject) => ({
        read: () => Promise.resolve(kept.get(subject)),
        update: async (change) => {
          await change(kept.get(subject));
          throw new Error('ENOSPC');
        },
      }),
    };
    const signIn = provider.signIn({ store });
    const held = holdRenewals();
    const renewing = signIn.refresh();
    await until('the renewal', async () => held.waits());
    await signIn.use(BOB.sub);
    held.release();
    await renewing;
    assert.equal(whose(await signIn.token()), BOB.sub);
    const token = await signIn.of(JANE).token();
    assert.notEqual(token, jane.id_token);
    await signIn.use(JANE);
    assert.equal(await signIn.token(), token);
  });

  it('a call that was refused is sent again as the same person', async () => {
    const signIn = await enterBoth();
    const refused = await signIn.token();
    await openSignIn().use(BOB.sub);
    const other = await signIn.renewed(refused);
    assert.ok(other !== undefined && other !== refused);
    assert.equal(whose(other), JANE);
    assert.equal(whose(await signIn.token()), BOB.sub);
  });

  it('what one person began ends as that person, and tells that another is used', async () => {
    const signIn = await enterBoth();
    let told = 0;
    const tokens = tokensOfOnePerson(signIn, { onOther: () => told++ });
    assert.equal(whose(await tokens.token()), JANE);
    assert.equal(whose(await tokens.token()), JANE);
    assert.equal(told, 0);
    await openSignIn().use(BOB.sub);
    assert.equal(whose(await tokens.token()), JANE);
    assert.equal(told, 1);
    await openSignIn().signOut(JANE);
    await assert.rejects(tokens.token(), { needsSignIn: true, cameBack: 'they are not signed in any more' });
  });

  it('in two windows at once leaves both with the same choice, and loses nobody', async () => {
    await enterBoth();
    const windows = [openSignIn(), openSignIn()];
    const turns = [...windows, ...windows, ...windows];
    await Promise.all(turns.map((window, turn) => window.use(turn % 2 === 0 ? BOB.sub : JANE)));
    const [one, other] = await Promise.all(windows.map(people));
    assert.deepEqual(one, other);
    assert.deepEqual(one?.map((name) => name.replace('* ', '')).toSorted(), ['Bob Berg', 'Jane Doe']);
    assert.equal(one?.filter((name) => name.startsWith('*')).length, 1);
  });

  it('renews each person for themselves at once', async () => {
    const signIn = await enterBoth();
    const before = [await signIn.of(JANE).token(), await signIn.of(BOB.sub).token()];
    const after = await Promise.all(before.map((token) => signIn.renewed(token)));
    assert.deepEqual(
      after.map((token) => whose(token ?? '')),
      [JANE, BOB.sub],
    );
    assert.ok(after.every((token) => !before.includes(token ?? '')));
  });
});
