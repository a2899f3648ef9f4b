import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  createPandaClient,
  identityFacts,
  readCertificateFile,
  withKnownUser,
} from '../../../../src/panda/index.ts';
import { testProfile } from '../fakeServer.ts';

const fixture = (name: string): string => resolve(import.meta.dirname, '../../../fixtures/tls', name);

describe('a certificate', () => {
  it('says whose it is and when it ends', async () => {
    const own = await readCertificateFile(fixture('client.pem'));
    const proxy = await readCertificateFile(fixture('proxy.pem'));
    assert.ok(own !== undefined && proxy !== undefined);
    assert.deepEqual([own.dn, own.user, own.isProxy], ['/CN=Alice Adams', 'Alice Adams', false]);
    assert.deepEqual(
      [proxy.dn, proxy.user, proxy.isProxy],
      ['/CN=Alice Adams/CN=12345', 'Alice Adams', true],
    );
    assert.ok(proxy.endsAt < own.endsAt);
    for (const none of ['client-key.pem', 'README.md', 'no such file']) {
      assert.equal(await readCertificateFile(fixture(none)), undefined);
    }
  });

  const profile = (certFile: string) => ({
    ...testProfile('https://127.0.0.1:9'),
    authentication: { kind: 'certificate', certFile, keyFile: certFile } as const,
  });

  it('that has ended is not sent, and another in its place is used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    const file = join(folder, 'proxy');
    await copyFile(fixture('proxy.pem'), file);
    const { endsAt = 0 } = (await readCertificateFile(file)) ?? {};
    const client = createPandaClient(profile(file), { now: () => endsAt, delay: () => Promise.resolve() });
    try {
      await assert.rejects(client.system.isAlive(), {
        kind: 'unauthorised',
        message: /use the proxy .* it ended at 21\d\d-/,
        advice: /voms-proxy-init/,
      });
      // It ends later, as the certificate of which the proxy was made does.
      const both = ['client.pem', 'client-key.pem'].map((name) => readFileSync(fixture(name), 'utf8'));
      await writeFile(file, both.join(''));
      await assert.rejects(client.system.isAlive(), { kind: 'unreachable' });
      await copyFile(fixture('client.pem'), file);
      await assert.rejects(client.system.isAlive(), {
        kind: 'unauthorised',
        message: /^Could not use the profile's certificates: they cannot be used \(/,
      });
    } finally {
      client.dispose();
      await rm(folder, { recursive: true });
    }
  });

  it('names the user of a profile that does not', async () => {
    const given = profile(fixture('proxy.pem'));
    const facts = await identityFacts(given, undefined, 0);
    assert.deepEqual([facts.state, facts.isProxy, facts.where], ['good', true, fixture('proxy.pem')]);
    const byDefault = { values: [{ field: 'user', value: 'adams', from: 'default' }] };
    const known = withKnownUser(given, byDefault, facts);
    assert.deepEqual([known.user, known.signedInAs], ['Alice Adams', 'Alice Adams']);
    const written = { values: [{ field: 'user', value: 'Jane Doe', from: 'settings' }] };
    const named = withKnownUser(given, written, facts);
    assert.deepEqual([named.user, named.signedInAs], ['Jane Doe', 'Alice Adams']);
    const none = await identityFacts(profile('none'), undefined, 0);
    assert.equal(none.state, 'missing');
    assert.equal(withKnownUser(given, byDefault, none).user, 'Jane Doe');
    assert.equal((await identityFacts(given, undefined, Infinity)).state, 'ended');
  });
});
