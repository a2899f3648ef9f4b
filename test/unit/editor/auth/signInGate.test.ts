import assert from 'node:assert/strict';
import { needsSignIn, SignInGate } from '../../../../src/editor/auth/signInGate.ts';
import type { SignIns } from '../../../../src/editor/auth/signIns.ts';
import type { Session } from '../../../../src/editor/session.ts';
import { createSessions } from '../../../../src/editor/sessions.ts';
import type { SignIn, SignInStatus, TokenClaims } from '../../../../src/panda/index.ts';
import { createEmitter } from '../../../../src/watch/index.ts';
import { fakeSession, signInError } from '../fakes.ts';

const SIGNED_IN: SignInStatus = {
  state: 'signedIn',
  where: '',
  user: 'Jane Doe',
  claims: undefined,
  end: undefined,
};

describe('asking to sign in', () => {
  /** A gate whose dialog and notice wait for the test. */
  const gateOf = () => {
    const dialogs: { readonly name: string; readonly answer: PromiseWithResolvers<SignInStatus> }[] = [];
    const notices: { readonly text: string; readonly answer: PromiseWithResolvers<boolean> }[] = [];
    const notes: unknown[] = [];
    let changes = 0;
    const signIns: SignIns = {
      of: () => undefined,
      onDidChange: createEmitter<void>().event,
      changed: () => void (changes += 1),
      dispose: () => undefined,
    };
    const gate = new SignInGate({
      signIns,
      dialog: (_signIn, name) => {
        const answer = Promise.withResolvers<SignInStatus>();
        dialogs.push({ name, answer });
        return answer.promise;
      },
      tell: (name, reason) => {
        const answer = Promise.withResolvers<boolean>();
        notices.push({ text: `${name}: ${reason}`, answer });
        return answer.promise;
      },
      note: (error) => notes.push(error),
    });
    return { gate, dialogs, notices, notes, changes: () => changes };
  };

  const sessionOf = (state: SignInStatus['state']) => {
    const fake = fakeSession();
    const signIn = { status: async () => ({ ...SIGNED_IN, state }) } as unknown as SignIn;
    return { ...fake, session: { ...fake.session, signIn } as Session };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('asks once, however many commands need it', async () => {
    const { gate, dialogs, changes } = gateOf();
    const { session } = sessionOf('signedOut');
    const entering = Promise.all([gate.enter(session), gate.enter(session), gate.enter(session)]);
    await settled();
    assert.deepEqual(
      dialogs.map(({ name }) => name),
      ['test'],
    );
    dialogs[0]?.answer.resolve(SIGNED_IN);
    assert.deepEqual(await entering, [true, true, true]);
    assert.equal(changes(), 1);
    assert.equal(await gate.enter(sessionOf('signedIn').session), false);
    assert.equal(await gate.enter(fakeSession().session), false);
    const left = gate.enter(sessionOf('ended').session);
    await settled();
    dialogs[1]?.answer.reject(new DOMException('left', 'AbortError'));
    await assert.rejects(left, { name: 'AbortError' });
  });

  it('has a session opened anew where somebody else was chosen since', async () => {
    const { gate, dialogs } = gateOf();
    const { session } = sessionOf('signedIn');
    const claims = { subject: 'u-2' } as TokenClaims;
    const signIn = { status: async () => ({ ...SIGNED_IN, claims }) } as unknown as SignIn;
    assert.equal(await gate.enter({ ...session, signIn, subject: 'u-2' }), false);
    assert.equal(await gate.enter({ ...session, signIn, subject: 'u-1' }), true);
    assert.equal(dialogs.length, 0);
  });

  it('tells once that a session that worked works no more, however many calls fail', async () => {
    const { gate, dialogs, notices, notes } = gateOf();
    const fake = sessionOf('ended');
    const { session } = fake;
    const sessions = createSessions({ isTrusted: () => true, connect: () => Promise.resolve(session) });
    gate.watch(sessions);
    await sessions.open();
    const fail = (): void => fake.setStatus({ kind: 'failing', asOf: 0, error: signInError(), nextTry: 0 });
    fail();
    assert.equal(notices.length, 0, 'where nobody was signed in, the view says so');
    fake.setStatus({ kind: 'current', asOf: 0, warning: null });
    fail();
    fail();
    gate.tell(session, signInError());
    gate.tell(session, signInError());
    assert.deepEqual(
      notices.map(({ text }) => text),
      ['test: the sign-in has ended'],
    );
    notices[0]?.answer.resolve(true);
    await settled();
    gate.tell(session, signInError());
    assert.deepEqual([notices.length, dialogs.length], [1, 1]);
    dialogs[0]?.answer.reject(new DOMException('left', 'AbortError'));
    await settled();
    fail();
    assert.equal(notices.length, 1, 'it was told');
    gate.tell(session, signInError());
    assert.equal(notices.length, 2, 'a command that fails tells again');
    assert.deepEqual(notes, []);
    gate.dispose();
    sessions.dispose();
  });

  it('finds the need to sign in behind other errors', () => {
    const behind = new Error('the submission failed', { cause: new Error('x', { cause: signInError() }) });
    assert.ok(needsSignIn(behind));
    assert.ok(!needsSignIn(new Error('x')));
    assert.ok(!needsSignIn(undefined));
  });
});
