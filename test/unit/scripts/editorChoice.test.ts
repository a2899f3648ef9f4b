import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseEditor } from '../../../scripts/lib/editorChoice.ts';
import { requireChromium } from '../../../scripts/lib/chromium.ts';

describe('the programs that scripts look for', () => {
  let folder: string;
  const program = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    return path;
  };

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'desc-panda-programs-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('take the VS Code that is named, by path or by name, with or without a display', async () => {
    const executable = program('my-code');
    assert.deepEqual(await chooseEditor({ DESC_PANDA_CODE: executable }), { kind: 'desktop', executable });
    const byName = await chooseEditor({ DESC_PANDA_CODE: 'my-code', PATH: folder, DISPLAY: ':0' });
    assert.deepEqual(byName, { kind: 'desktop', executable });
  });

  it('say so when the named VS Code is not there', async () => {
    const env = { DESC_PANDA_CODE: join(folder, 'none'), PATH: folder, DISPLAY: ':0' };
    await assert.rejects(chooseEditor(env), /Could not open VS Code: DESC_PANDA_CODE names .*none/);
  });

  it('take "code" on the PATH where there is a display', async () => {
    const executable = program('code');
    assert.deepEqual(await chooseEditor({ PATH: folder, DISPLAY: ':0' }), { kind: 'desktop', executable });
  });

  it('take the served VS Code where it is asked for', async () => {
    program('code');
    const env = { PATH: folder, DISPLAY: ':0', DESC_PANDA_CODE: 'served' };
    assert.deepEqual(await chooseEditor(env), { kind: 'served' });
  });

  it('take the Chromium that is named, and no other in its place', () => {
    const chromium = program('chromium');
    assert.equal(requireChromium({ CHROMIUM_PATH: chromium }), chromium);
    assert.equal(requireChromium({ PATH: folder }), chromium);
    const wrong = { CHROMIUM_PATH: join(folder, 'none'), PATH: folder };
    assert.throws(() => requireChromium(wrong), /CHROMIUM_PATH names .*none/);
  });
});
