import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import {
  checkCatalog,
  checkCommandFile,
  type FileDiagnostic,
} from '../../../../src/transformations/index.ts';

const sample = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/samples/${name}`, import.meta.url), 'utf8');
const CATALOGS = ['instcat_small.txt', 'instcat_opsim_includes.txt', 'instcat_broken.txt'].map(sample);

/** One change to a text: a piece of it goes, comes twice, or becomes something else. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 12 }),
  by: fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\t',
      '\n',
      '\r\n',
      '#',
      ' # seed ',
      '-',
      '.',
      'e',
      '9'.repeat(30),
      'nan',
      '1e999',
    ),
    fc.constantFrom(
      'filter',
      'object ',
      'includeobj ',
      '/',
      '..',
      'ü',
      '\ufeff',
      '\u{1f52d}',
      '"',
      "'",
      'fit',
      'none',
    ),
    fc.string({ maxLength: 4 }),
  ),
  isTwice: fc.boolean(),
});

function mutated(
  text: string,
  changes: readonly { at: number; length: number; by: string; isTwice: boolean }[],
) {
  return changes.reduce((before, { at, length, by, isTwice }) => {
    const from = Math.floor(at * before.length);
    const piece = before.slice(from, from + length);
    return before.slice(0, from) + (isTwice ? piece + piece : by) + before.slice(from + length);
  }, text);
}

/** Each finding lies in the text and on something, says something, and comes once. */
function assertSound(diagnostics: readonly FileDiagnostic[], text: string): void {
  const lines = text
    .replace(/^\ufeff/u, '')
    .split('\n')
    .map((line) => line.replace(/\r$/u, ''));
  const seen = new Set<string>();
  for (const { line, column, endColumn, severity, code, message, file } of diagnostics) {
    const key = `${file === undefined ? '' : basename(file)} ${line}:${column}-${endColumn} ${severity} ${code}`;
    assert.ok(!seen.has(key), `${key} comes twice`);
    seen.add(key);
    assert.match(message, /^[^]*[.?]$/u, key);
    assert.doesNotMatch(message, /undefined|\bNaN\b|\[object/u, key);
    if (file !== undefined) continue;
    const whole = lines[line - 1];
    assert.ok(whole !== undefined, `${key} is behind the end`);
    if (column === undefined) continue;
    assert.ok(
      column >= 1 && (endColumn ?? column) >= column && (endColumn ?? column) <= whole.length + 1,
      key,
    );
  }
}

describe('catalogs and command files that were damaged at random', () => {
  it('are checked to their end, each finding once and at its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CATALOGS),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (text, changes) => {
          const whole = mutated(text, changes);
          const path = '/nowhere/phosim_cat_1.txt';
          const { diagnostics, counts, unlisted } = await checkCatalog({ path, content: Buffer.from(whole) });
          assert.equal(counts.error + counts.warning + counts.information, diagnostics.length + unlisted);
          if (!whole.includes('\0')) assertSound(diagnostics, whole);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('have findings of command files at their places, too', () => {
    const text = sample('physics_commands.txt');
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const whole = mutated(text, changes);
        if (!whole.includes('\0')) assertSound(checkCommandFile(Buffer.from(whole)).diagnostics, whole);
      }),
      { numRuns: 600 },
    );
  });
});
