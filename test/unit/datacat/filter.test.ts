import assert from 'node:assert/strict';
import { checkFilter, parseFilter } from '../../../src/datacat/index.ts';
import type { Filter } from '../../../src/datacat/index.ts';

/** A filter as text, every group in parentheses. */
function written(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.parts.map(written).join(` ${filter.kind} `)})`;
    case 'compare':
      return `${filter.name} ${filter.comparison} ${JSON.stringify(filter.value)}`;
    case 'in': {
      const items = filter.items.map((item) =>
        item.kind === 'one'
          ? JSON.stringify(item.value)
          : `${JSON.stringify(item.low)}:${JSON.stringify(item.high)}`,
      );
      return `${filter.name} ${filter.negated ? 'not in' : 'in'} (${items.join(', ')})`;
    }
  }
}

describe('the filter language', () => {
  const readings: readonly (readonly [filter: string, reading: string])[] = [
    ['nRun > 6200 and runQuality =~ "GO*"', '(nRun > 6200 and runQuality =~ "GO*")'],
    ["alpha == 'def' or num in (0,3.14159f)", '(alpha == "def" or num in (0, 3.14159))'],
    ['num in (3.1414:3.1416)', 'num in (3.1414:3.1416)'],
    ['a == 1 or b == 2 and c == 3', '(a == 1 or (b == 2 and c == 3))'],
    ['(a == 1 or b == 2) and c == 3', '((a == 1 or b == 2) and c == 3)'],
    ['a eq 1 and b ne 2 and c lt 3', '(a == 1 and b != 2 and c < 3)'],
    ['a le -1.5e3 or b ge .5 or c gt +2', '(a <= -1500 or b >= 0.5 or c > 2)'],
    ['exo.runQuality == null', 'exo.runQuality == null'],
    ['a != null', 'a != null'],
    ["night not in ('a':'m', 'z')", 'night not in ("a":"m", "z")'],
    ["name !~ 'a\\*b'", 'name !~ "a\\\\*b"'],
    ["name == 'it\\'s'", `name == "it's"`],
    ['andrew == 1', 'andrew == 1'],
  ];
  for (const [filter, reading] of readings) {
    it(`reads ${filter}`, () => assert.equal(written(parseFilter(filter)), reading));
  }

  const flaws: readonly (readonly [filter: string, marked: string, message: RegExp])[] = [
    ['', '', /there is no condition/],
    ['nRun = 3', '=', /equal is ==/],
    ['nRun', '', /a comparison like == or > has to follow nRun/],
    ['nRun >', '', /a number or a text in quotes has to follow >/],
    ['name == f1', 'f1', /a text stands in quotes: "f1"/],
    ['name =~ 3', '3', /a pattern in quotes has to follow =~/],
    ['name > null', 'null', /null is compared with == and != only/],
    ["name == 'open", "'open", /no closing '/],
    ['(a == 1', '', /a closing parenthesis is missing/],
    ['a == 1)', ')', /and or or has to stand before \)/],
    ['a == 1 b == 2', 'b', /and or or has to stand before b/],
    ['a in 3', '3', /a list in parentheses/],
    ['a in (1, )', ')', /a number or a text/],
    ['a in (1', '', /the list has no closing parenthesis/],
    ["a in (1:'b')", "'b'", /both ends of a range/],
    ['a not 3', '3', /in has to follow not/],
    ['and == 3', 'and', /the name of a field/],
    ['a == 1 && b == 2', '&', /& has no meaning here/],
    ['a == 3x', '3', /no number/],
    ['a == 😀', '😀', /😀 has no meaning here/],
  ];
  for (const [filter, marked, message] of flaws) {
    it(`marks what is wrong in ${filter === '' ? 'an empty one' : filter}`, () => {
      const problem = checkFilter(filter) ?? assert.fail('nothing was found');
      assert.match(problem.message, message);
      assert.equal(filter.slice(problem.from, problem.to), marked);
    });
  }

  it('is bounded in length and depth', () => {
    assert.match(checkFilter(`a == '${'x'.repeat(20_000)}'`)?.message ?? '', /at most 16384 characters/);
    assert.match(checkFilter(`${'('.repeat(5_000)}a == 1`)?.message ?? '', /at most 64 deep/);
    assert.equal(checkFilter(`${'('.repeat(60)}a == 1${')'.repeat(60)}`), undefined);
  });
});
