import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throughDoors } from '../../../scripts/lib/doors.ts';

describe('imports through the door of a room', () => {
  let folder: string;
  const through = (source: string): string => throughDoors(source, join(folder, 'hall/guest.ts'));

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-doors-'));
    mkdirSync(join(folder, 'room'));
    const room = {
      'index.ts':
        "export type * from './api.ts';\nexport * from './chair.ts';\nexport { lamp, dim as night } from './lamp.ts';\n",
      'api.ts': 'export interface Table {}\n',
      'chair.ts': 'export class Chair {}\nexport const LEGS = 4;\nexport async function sit() {}\n',
      'lamp.ts': 'export function lamp() {}\nexport function dim() {}\n',
    };
    for (const [name, content] of Object.entries(room)) writeFileSync(join(folder, 'room', name), content);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('go straight to the file of each name', () => {
    assert.equal(
      through("import { Chair, LEGS as legs, sit, lamp, night } from '../room/index.ts';\n"),
      "import { Chair as Chair } from '../room/chair.ts'; import { LEGS as legs } from '../room/chair.ts'; " +
        "import { sit as sit } from '../room/chair.ts'; import { lamp as lamp } from '../room/lamp.ts'; " +
        "import { dim as night } from '../room/lamp.ts';\n",
    );
  });

  it('lose types, and keep what is not found for the bundler to complain of', () => {
    assert.equal(
      through("import { type Table, ghost } from '../room/index.ts';"),
      "import { ghost as ghost } from '../room/index.ts';",
    );
  });

  it('keep the lines of what follows', () => {
    const source = "import {\n  Chair,\n  type Table,\n} from '../room/index.ts';\nthrow new Chair();\n";
    assert.equal(through(source).split('\n').indexOf('throw new Chair();'), 4);
  });

  it('leave everything else alone', () => {
    const source =
      "import type { Table } from '../room/index.ts';\nimport { readFileSync } from 'node:fs';\nconst x = await import('../room/index.ts');\n";
    assert.equal(through(source), source);
  });
});
