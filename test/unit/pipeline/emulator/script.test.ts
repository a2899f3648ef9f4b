import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runScript } from '../../../../src/pipeline/emulator/script/runScript.ts';
import { ScriptFault } from '../../../../src/pipeline/emulator/script/values.ts';
import type { ScriptValue } from '../../../../src/pipeline/emulator/script/values.ts';

const KNOWN = new Map<string, ScriptValue>([
  ['SENSORS', 'R22_S10,R22_S11'],
  ['N', '3'],
]);

function printed(text: string): string {
  return runScript(text, (name) => KNOWN.get(name));
}

const fault = (message: RegExp, beyondUs: boolean) => (error: unknown) => {
  assert.ok(error instanceof ScriptFault, String(error));
  assert.match(error.message, message);
  assert.equal(error.beyondUs, beyondUs);
  return true;
};

describe('scripts of processes', () => {
  it('are run where they are simple', () => {
    const text = `
from java.util import HashMap
# sensors, one by one
total = 0
for i, sensor in enumerate(SENSORS.split(",")):
    v = HashMap()
    v.put("SENSOR", sensor)
    if sensor.endswith("10") and i == 0:
        print "first", v.get('SENSOR')
    elif not (i > 5):
        print("later %s %03d" % (sensor, i))
    else:
        print 'never'
    total += i
print total, int(N) * 2 + 7 / 2, [1, 'a'], {"k": None}, len(SENSORS), -total
for k in range(2): print k, {"a": k}
a, b = 1, (2,
   3)
print a, b[-1], b[0] in b, 'x' not in 'abc', sorted(["b", "a"]), ",".join(["a", "b"]) + 'c'
`;
    assert.equal(
      printed(text),
      [
        'first R22_S10',
        'later R22_S11 001',
        "1 9 [1, 'a'] {'k': None} 15 -1",
        "0 {'a': 0}",
        "1 {'a': 1}",
        "1 3 True True ['a', 'b'] a,bc",
      ].join('\n'),
    );
  });

  it('stop where they are more than that, with the line', () => {
    for (const [text, message] of [
      ['execfile("x.jy")', /line 1: execfile is not known/],
      ['\n\nimport os', /line 3: the module os is not there/],
      ['def f(): pass', /line 1: def is not run/],
      ['a = [x for x in range(3)]', /line 1: comprehensions/],
      ['a = "abc"[1:]', /line 1: slices/],
      ['a = f(b=1)', /line 1: named arguments/],
      ['a = "x".encode("hex")', /line 1: the method encode of x/],
      ['a.b = 1', /line 1: an assignment to something else/],
      ['print a.b', /line 1: \.b without a call/],
      ['a[0] = 1', /line 1: an assignment to something else/],
      ['print "x" if 1 else 2', /line 1: if is not expected/],
      ['a = `x`', /line 1: `x` is not understood/],
      ['for i in range(100000):\n  for j in range(100000):\n    pass', /too many steps/],
      [`a = ${'('.repeat(200)}1${')'.repeat(200)}`, /too deep/],
    ] as const) {
      assert.throws(() => printed(text), fault(message, true), text);
    }
  });

  it('fail where they are wrong', () => {
    for (const [text, message] of [
      ['a = 1 / 0', /line 1: it divides by 0/],
      ['a = "x" + 1', /line 1: \+ cannot be applied to x/],
      ['a = [1][3]', /line 1: there is no element 3/],
      ['\na, b = 1, 2, 3', /line 2: there are not as many values as names/],
      ['a = int("x")', /line 1: x is not a number/],
      ['a = "%d %d" % 1', /line 1: there are fewer values/],
      ['a = 1(2)', /line 1: what is called is no function/],
    ] as const) {
      assert.throws(() => printed(text), fault(message, false), text);
    }
  });

  it('end, whatever they hold', () => {
    const bit = fc.constantFrom(
      'a',
      ' = ',
      '1',
      '(',
      ')',
      '[',
      ']',
      ':',
      ',',
      '\n',
      '  ',
      'for ',
      ' in ',
      'range(9)',
      'if ',
      'else',
      'print ',
      '"x"',
      '+',
      '.',
      'split',
      '%',
      '{',
      '}',
      '#',
      '"""',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 25 }), (bits) => {
        try {
          printed(bits.join(''));
        } catch (error) {
          assert.ok(error instanceof ScriptFault, String(error));
          assert.ok(error.line > 0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
