import assert from 'node:assert/strict';
import { JavaThrowable } from '../../../../../src/pipeline/rmi/serial/javaThrowable.ts';
import type { JavaValue } from '../../../../../src/pipeline/rmi/serial/model.ts';
import { javaThrowable, throwableOf } from '../../../../../src/pipeline/rmi/serial/throwables.ts';
import { javaArrayList, javaString } from '../../../../../src/pipeline/rmi/serial/values.ts';
import { captureNames, recordedMessages } from '../captures.ts';
import { readStream, sent } from '../streams.ts';

/** What was thrown in a capture, all of it. */
function thrownIn(capture: string): readonly JavaThrowable[] {
  return recordedMessages(capture)
    .filter(({ what }) => what?.startsWith('exceptional ') === true)
    .map(({ bytes }) => throwableOf(readStream(bytes.subarray(1))[1] as JavaValue));
}

function brief(thrown: JavaThrowable | undefined): unknown {
  if (thrown === undefined) return undefined;
  const { className, detail, cause, suppressed } = thrown;
  return [className, detail, brief(cause), suppressed.map(brief)];
}

describe('exceptions of Java programs', () => {
  it('are all read', () => {
    const names = captureNames
      .flatMap(recordedMessages)
      .flatMap(({ what }) => /^exceptional (.*)/.exec(what ?? '')?.[1] ?? []);
    const read = captureNames.flatMap(thrownIn).map(({ className }) => className);
    assert.deepEqual(read, names);
    assert.ok(read.length >= 25, String(read.length));
  });

  it('have causes, suppressed ones, superclasses and stacks', () => {
    const [control] = thrownIn('jdk17-submit-fail-control-object');
    assert.equal(control?.message, `org.srs.jobcontrol.JobControlException: ${control?.detail}`);
    assert.equal(control.cause?.className, 'java.io.IOException');
    assert.deepEqual(control.ancestors, ['java.lang.Exception', 'java.lang.Throwable']);
    assert.ok(control.is('java.lang.Exception') && !control.is('java.io.IOException'));
    assert.ok(control.frames.length > 3);
    assert.ok(control.frames.every(({ className, methodName }) => className !== '' && methodName !== ''));
    const [suppressing] = thrownIn('jdk17-submit-fail-suppressed-object');
    assert.equal(suppressing?.suppressed.length, 1);
    const [remote] = thrownIn('jdk17-submit-fail-remote-object');
    assert.equal(remote?.className, 'java.rmi.ServerException');
    assert.equal(remote.cause?.className, 'java.rmi.RemoteException');
    assert.equal(thrownIn('jdk17-submit-fail-selfcause-null-object')[0]?.cause, undefined);
  });
});

describe('exceptions that are sent', () => {
  it('end where they are causes of each other', () => {
    const [first, second] = ['1', '2'].map((text) =>
      javaThrowable(new JavaThrowable('java.lang.Exception', text)),
    );
    assert.ok(first !== undefined && second !== undefined);
    const causeOf = (object: typeof first, cause: typeof first): void => {
      (object.levels[0]?.references as JavaValue[]).splice(0, 1, cause);
    };
    causeOf(first, second);
    causeOf(second, first);
    assert.deepEqual(brief(throwableOf(first)), [
      'java.lang.Exception',
      '1',
      ['java.lang.Exception', '2', undefined, []],
      [],
    ]);
  });

  it('come back with causes and suppressed ones', () => {
    const cause = new JavaThrowable('java.io.IOException', 'no space left');
    const suppressed = [new JavaThrowable('java.lang.IllegalStateException')];
    const thrown = [
      new JavaThrowable('java.io.FileNotFoundException', 'x'),
      new JavaThrowable('org.srs.jobcontrol.JobControlException', 'y', { cause, suppressed }),
      new JavaThrowable('java.rmi.ServerException', 'z', {
        cause: new JavaThrowable('java.rmi.UnmarshalException'),
      }),
      new JavaThrowable('java.lang.SecurityException'),
    ];
    for (const one of thrown) assert.deepEqual(brief(throwableOf(sent(javaThrowable(one)))), brief(one));
  });

  it('have the superclasses that Java knows', () => {
    assert.deepEqual(new JavaThrowable('java.rmi.server.SkeletonMismatchException').ancestors, [
      'java.rmi.RemoteException',
      'java.io.IOException',
      'java.lang.Exception',
      'java.lang.Throwable',
    ]);
  });

  it('are only of classes that are known', () => {
    assert.throws(() => javaThrowable(new JavaThrowable('a.Stranger')), /no exception that can be sent/);
  });

  it('are no other values', () => {
    assert.throws(() => throwableOf(javaString('x')), { kind: 'type' });
    assert.throws(() => throwableOf(null), { kind: 'type' });
  });

  it('are read in bounds, however much they share', () => {
    const leaf = javaThrowable(new JavaThrowable('java.lang.Error'));
    let value = leaf;
    for (let depth = 0; depth < 20; depth++) {
      const [throwable, ...levels] = leaf.levels;
      const references = [value, null, null, javaArrayList([value, value, value])];
      value = { ...leaf, levels: [{ ...throwable!, references }, ...levels] };
    }
    const count = (thrown: JavaThrowable): number =>
      1 +
      (thrown.cause === undefined ? 0 : count(thrown.cause)) +
      thrown.suppressed.reduce((n, one) => n + count(one), 0);
    assert.equal(count(throwableOf(value)), 65);
  });
});
