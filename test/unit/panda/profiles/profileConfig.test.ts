import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { parseProfile } from '../../../../src/panda/index.ts';
import type { Profile } from '../../../../src/panda/index.ts';

const GOOD = { server: 'https://panda.example.org:8443/server/panda', vo: 'Rubin', user: 'Jane Doe' };

function profileOf(json: unknown, variables: Record<string, string> = {}): Profile {
  const result = parseProfile('usdf', json, { variables });
  assert.ok(result.kind === 'profile', JSON.stringify(result));
  return result.profile;
}

function problemsOf(json: unknown): string[] {
  const result = parseProfile('usdf', json);
  assert.ok(result.kind === 'problems');
  return result.problems.map(({ where }) => where);
}

describe('profiles in settings', () => {
  it('need little, and take addresses as deployments publish them', () => {
    assert.deepEqual(profileOf(GOOD), {
      name: 'usdf',
      server: 'https://panda.example.org:8443',
      cache: 'https://panda.example.org:8443',
      monitor: undefined,
      authentication: { kind: 'none' },
      vo: 'Rubin',
      user: 'Jane Doe',
      prodSourceLabel: 'user',
      workingGroup: undefined,
      cloud: undefined,
      defaultSite: undefined,
      caFile: undefined,
      verifyHost: true,
      proxy: undefined,
    });
  });

  it('name every problem', () => {
    assert.deepEqual(problemsOf(null), ['usdf']);
    assert.deepEqual(problemsOf({}), ['server', 'vo', 'user']);
    assert.deepEqual(
      problemsOf({
        ...GOOD,
        server: 'ftp://x',
        monitor: 'https://user:pw@host/',
        colour: 'red',
        verifyHost: 'no',
        site: 7,
        authentication: { kind: 'password' },
      }).sort(),
      ['authentication.kind', 'colour', 'monitor', 'server', 'site', 'verifyHost'],
    );
    assert.deepEqual(problemsOf({ ...GOOD, authentication: { kind: 'token' } }), ['authentication']);
    assert.deepEqual(problemsOf({ ...GOOD, authentication: { kind: 'certificate' } }), [
      'authentication.certFile',
    ]);
    const oidc = { kind: 'oidc', origin: '../Rubin', configRoot: 'here' };
    assert.deepEqual(problemsOf({ ...GOOD, authentication: oidc }), [
      'authentication.configRoot',
      'authentication.origin',
    ]);
    assert.deepEqual(problemsOf({ ...GOOD, authentication: 'token' }), ['authentication']);
  });

  it('may begin paths with ~/', () => {
    const json = {
      ...GOOD,
      caFile: '~/ca.pem',
      authentication: { kind: 'oidc', configRoot: '~/.panda' },
      staging: { kind: 'folder', folder: '~/staging' },
    };
    const result = parseProfile('usdf', json, { home: '/home/jane' });
    assert.ok(result.kind === 'profile');
    const { caFile, authentication, staging } = result.profile;
    assert.deepEqual(
      { caFile, authentication, staging },
      {
        caFile: '/home/jane/ca.pem',
        authentication: { kind: 'oidc', origin: 'Rubin', configRoot: '/home/jane/.panda' },
        staging: { kind: 'folder', folder: '/home/jane/staging' },
      },
    );
  });

  it('a token travels encrypted, or stays on this machine', () => {
    const authentication = { kind: 'token', tokenVariable: 'T' };
    assert.deepEqual(problemsOf({ ...GOOD, server: 'http://panda.example.org', authentication }), [
      'server',
      'cache',
    ]);
    assert.equal(
      profileOf({ ...GOOD, server: 'http://127.0.0.1:8080', authentication }).server,
      'http://127.0.0.1:8080',
    );
  });

  it('read the token when it is asked for, from a variable', async () => {
    const { authentication } = profileOf(
      { ...GOOD, authentication: { kind: 'token', tokenVariable: 'T' } },
      { T: 'abc' },
    );
    assert.ok(authentication.kind === 'token');
    assert.equal(authentication.origin, 'Rubin');
    assert.equal(await authentication.token(), 'abc');
    assert.ok(!inspect(authentication).includes('abc'));
  });

  it('… or from a file: the token alone, or the answer of an identity provider', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'profile-'));
    const tokenFile = path.join(folder, 'token');
    const { authentication } = profileOf({
      ...GOOD,
      authentication: { kind: 'token', tokenFile, origin: 'Rubin:production' },
    });
    assert.ok(authentication.kind === 'token');
    assert.equal(authentication.origin, 'Rubin:production');
    await assert.rejects(authentication.token());
    await writeFile(tokenFile, 'abc');
    assert.equal(await authentication.token(), 'abc');
    await writeFile(tokenFile, '{"access_token": "no", "id_token": "def"}');
    assert.equal(await authentication.token(), 'def');
    await writeFile(tokenFile, '{"id_token": "def');
    await assert.rejects(authentication.token(), (error: Error) => !error.message.includes('def'));
    await rm(folder, { recursive: true });
  });
});
