import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.ts';

interface Side {
  readonly path?: string;
  readonly pathNot?: string | readonly string[];
}

interface Rule {
  readonly name: string;
  readonly from: Side;
  readonly to: Side;
}

const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  readonly forbidden: readonly Rule[];
};

/** Who may use whom, as the table of docs/architecture.md has it. */
function roomsOfTable(): Map<string, readonly string[]> {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `src\/([\w/]+)\/` \|.*\| ([^|]+) \|$/gm)];
  const names = rows.map(([, room = '']) => room);
  return new Map(
    rows.map(([, room = '', may = '']) => {
      const named = [...may.matchAll(/`([\w/]+)`/g)].map(([, name = '']) => name);
      const allowed = may.startsWith('all but') ? names.filter((name) => !named.includes(name)) : named;
      return [room, allowed.filter((name) => name !== room)];
    }),
  );
}

/** The first part of a pattern's groups goes where the other side says `$1`. */
function isForbidden({ from, to }: Rule, source: string, target: string): boolean {
  const found = new RegExp(from.path ?? '').exec(source);
  if (found === null || to.path === undefined || matches(from.pathNot, source)) return false;
  return new RegExp(to.path).test(target) && !matches(to.pathNot, target, found[1]);
}

function matches(patterns: Side['pathNot'], path: string, group = ''): boolean {
  const list = typeof patterns === 'string' ? [patterns] : (patterns ?? []);
  return list.some((pattern) => new RegExp(pattern.replaceAll('$1', group)).test(path));
}

const rulesAgainst = (source: string, target: string): string[] =>
  forbidden.filter((rule) => isForbidden(rule, source, target)).map(({ name }) => name);

describe('the rule of the rooms', () => {
  const table = roomsOfTable();

  it('is the table of docs/architecture.md, room by room', () => {
    assert.ok(table.size > 10);
    for (const [room, allowed] of table) {
      for (const other of table.keys()) {
        if (other === room) continue;
        const arrow = `${room} → ${other}`;
        const isAllowed = rulesAgainst(`src/${room}/a.ts`, `src/${other}/index.ts`).length === 0;
        assert.equal(isAllowed, allowed.includes(other), arrow);
      }
    }
  });

  it("lets in only through a room's index.ts", () => {
    for (const [room, allowed] of table) {
      assert.deepEqual(rulesAgainst(`src/${room}/a.ts`, `src/${room}/b/c.ts`), [], room);
      for (const other of allowed) {
        assert.notDeepEqual(rulesAgainst(`src/${room}/a.ts`, `src/${other}/b.ts`), [], `${room} → ${other}`);
      }
    }
  });
});
