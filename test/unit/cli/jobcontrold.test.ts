import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHarness } from './harness.ts';
import type { Harness } from './harness.ts';

describe('desc-panda jobcontrold --check', () => {
  let harness: Harness;
  before(async () => void (harness = await createHarness()));
  after(() => harness.dispose());

  async function check(profile: string, more = '') {
    const text = `state: /var/lib/desc-panda\nusers: {glast: {profile: ${profile}}}\n${more}`;
    await writeFile(join(harness.folder, 'daemon.yaml'), text);
    return harness.call(['jobcontrold', '--config', 'daemon.yaml', '--check']);
  }

  it('says that a configuration can be used', async () => {
    // What chooses a profile elsewhere has no say here.
    const { code, stdout, stderr } = await check('sandbox');
    assert.deepEqual([code, stdout, stderr], [0, 'daemon.yaml can be used\n', '']);
  });

  it('names profiles that are not there', async () => {
    const { code, stderr } = await check('nope');
    assert.equal(code, 2);
    assert.match(stderr, /^There is no profile nope \(users\.glast\.profile\)\.\n→ Use one of sandbox, /);
  });

  it('looks for the password of the mail server', async () => {
    const mail = (file: string): string =>
      `mail: {from: a@b.org, to: c@d.org, server: localhost, user: u, passwordFile: ${file}}\n`;
    const missing = join(harness.folder, 'missing');
    const { code, stderr } = await check('sandbox', mail(missing));
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `The file ${missing} of mail.passwordFile cannot be read.\n→ Check the name, and whether you may read it\n`,
    );
    await writeFile(missing, 'secret\n', { mode: 0o600 });
    assert.equal((await check('sandbox', mail(missing))).code, 0);
  });

  it('says what is wrong, and where', async () => {
    const { code, stderr } = await check('sandbox', 'helthPort: 1\n');
    assert.equal(code, 2);
    assert.match(stderr, /^daemon\.yaml:3:1: There is no key helthPort: did you mean healthPort\?$/m);
  });
});
