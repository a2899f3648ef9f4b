import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProfileError, readSetupScript } from '../../../../src/panda/index.ts';
import { until } from '../../../support/until.ts';

describe('a set-up script', () => {
  let folder: string;
  let script: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'setup-'));
    // A name that no shell may take apart.
    script = join(folder, `it's; exit 3 "$(false)".sh`);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const env = { PATH: process.env.PATH, PANDA_URL_SSL: 'https://old.test', PANDA_AUTH: 'oidc', OTHER: 'x' };
  const exported = async (text: string): Promise<Readonly<Record<string, string>>> => {
    await writeFile(script, text);
    return (await readSetupScript(script, { env })).exported;
  };

  it('gives the variables of PanDA that it sets, and nothing else', async () => {
    assert.deepEqual(
      await exported(`
        [ $# = 0 ] && [ "$0" = bash ] || exit 9
        echo "Welcome"; echo "a warning" >&2; read -r answer
        helper() { export PANDA_AUTH_VO="Rubin
second line = 2"; }
        helper
        export PANDA_URL_SSL=https://new.test PANDA_AUTH=oidc PANDAMON_URL=https://mon.test HTTPS_PROXY=p:1
        export X509_USER_PROXY='' PATH=/nowhere SECRET=s PANDA_LOCAL
        PANDA_NOT_EXPORTED=1
        return 7
      `),
      {
        PANDA_AUTH_VO: 'Rubin\nsecond line = 2',
        PANDA_URL_SSL: 'https://new.test',
        PANDAMON_URL: 'https://mon.test',
        HTTPS_PROXY: 'p:1',
        X509_USER_PROXY: '',
      },
    );
  });

  it('that leaves something running keeps nobody waiting', async () => {
    const pidFile = join(folder, 'pid');
    assert.deepEqual(await exported(`sleep 600 & echo $! > '${pidFile}'\nexport PANDA_AUTH=x509\n`), {
      PANDA_AUTH: 'x509',
    });
    process.kill(Number(await readFile(pidFile, 'utf8')));
  });

  it('that ends the shell, or is not there, says so', async () => {
    await assert.rejects(exported('echo "no stack here" >&2\nexit 4\n'), (error: unknown) => {
      assert.ok(error instanceof ProfileError);
      assert.match(error.message, /ended by itself \(exit code 4\): no stack here\.$/);
      return true;
    });
    await assert.rejects(readSetupScript(join(folder, 'none'), { env }), /is not there/);
    await assert.rejects(readSetupScript('setup.sh', { env }), /not an absolute path/);
  });

  it('tells what it said last, as it may say what it lacks', async () => {
    await writeFile(script, 'echo first >&2\necho "usage: setup VERSION" >&2\nreturn 1\n');
    const { exported: none, said } = await readSetupScript(script, { env });
    assert.deepEqual([none, said], [{}, 'usage: setup VERSION']);
  });

  it('that is written for csh, or is a folder, is not run', async () => {
    for (const first of ['#!/bin/csh', '#!/bin/tcsh -f', '#! /usr/bin/env tcsh']) {
      await writeFile(script, `${first}\nsetenv PANDA_URL_SSL https://new.test\n`);
      await assert.rejects(readSetupScript(script, { env }), /is written for csh\.$/);
    }
    const named = join(folder, 'setup.csh');
    await writeFile(named, 'setenv PANDA_URL_SSL https://new.test\n');
    await assert.rejects(readSetupScript(named, { env }), (error: unknown) => {
      assert.ok(error instanceof ProfileError);
      assert.match(error.advice, /bash or sh/);
      return true;
    });
    await assert.rejects(readSetupScript(folder, { env }), /is a folder/);
  });

  it('that does not end is ended, with all that it started', async () => {
    const pidFile = join(folder, 'pid');
    await writeFile(script, `sh -c 'echo $$ > "${pidFile}"; exec sleep 600'\n`);
    await assert.rejects(readSetupScript(script, { env, timeoutMs: 2000 }), /did not end within 2 s/);
    await assertEnded(pidFile);
    const stop = new AbortController();
    await rm(pidFile);
    const reading = readSetupScript(script, { env, signal: stop.signal });
    reading.catch(() => undefined);
    await until('it to run', async () => (await readFile(pidFile, 'utf8').catch(() => '')) !== '');
    stop.abort();
    await assert.rejects(reading, { name: 'AbortError' });
    await assertEnded(pidFile);
  });

  it('that exports too much is refused', async () => {
    await assert.rejects(
      exported(`for i in $(seq 60); do export "PANDA_$i=$(head -c 100000 /dev/zero | tr '\\0' x)"; done\n`),
      ProfileError,
    );
  });
});

async function assertEnded(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'));
  await until('the process to end', async () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}
