import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { withoutSecrets } from '../../../src/diagnosis/withoutSecrets.ts';
import type { Profile } from '../../../src/panda/index.ts';
import { makeToken } from '../panda/auth/fakeProvider.ts';
import { useS3 } from '../staging/useS3.ts';
import { say, useDiagnosis } from './useDiagnosis.ts';
import type { Findings } from './useDiagnosis.ts';

const MINUTE = 60_000;
const fixture = (name: string): string => resolve(import.meta.dirname, '../../fixtures/tls', name);

describe('who we are', () => {
  const bench = useDiagnosis();
  const { serve, look } = bench;
  const withToken = (token: string): Partial<Profile> => ({
    authentication: {
      kind: 'token',
      token: () => Promise.resolve(token),
      origin: 'lsst',
      from: 'the variable T',
    },
  });
  const endingIn = (ms: number): string =>
    makeToken({ iss: 'https://idp.test', name: 'jane DOE', groups: ['lsst'], exp: (Date.now() + ms) / 1000 });

  it('a ready-made token: good, near its end, over, missing', async () => {
    const url = await serve();
    const token = async (text: string): Promise<string> =>
      (await look(url, { profile: withToken(text) })).of('identity', 'token');
    assert.match(
      await token(endingIn(25 * 60 * MINUTE)),
      /^ok: token of Jane Doe; issued by https:\/\/idp\.test; groups lsst; the token is good for 1 d/,
    );
    assert.match(
      await token(endingIn(10 * MINUTE)),
      /^warning: .*The token ends in (?:10 m|9 m \d+ s)\. → Get another token before$/,
    );
    assert.match(
      await token(endingIn(-MINUTE)),
      /^failed: the token ended at .* ago → Get another one, and put it/,
    );
    assert.match(await token(''), /^failed: there is no token in the variable T → Put one there/);
    const missing = await look(url, { profile: withToken('') });
    assert.equal(missing.of('identity', 'accepted'), 'skipped: token failed');
  });

  it('what the server says: 401, 403, another group', async () => {
    const answered = async (status: number, text: string): Promise<string> => {
      const url = await serve((path) => (path.endsWith('user_attributes') ? say(status, text) : undefined));
      return (await look(url)).of('identity', 'accepted');
    };
    assert.match(
      await answered(401, 'who'),
      /^failed: Could not get the name of who asks .*who\. → Sign in again/,
    );
    assert.match(
      await answered(403, 'ERROR : Token authentication failed. Invalid token. Signature has expired'),
      /^failed: .*Signature has expired\. → Sign in again.* \(sign in here\)$/,
    );
    assert.match(
      await answered(403, 'ERROR : Token authentication failed. Not a member of the lsst group'),
      /^failed: .*Not a member of the lsst group\. → Ask for membership, or use another VO or role$/,
    );
  });

  it('a sign-in: nobody, with an issuer that is there, and a file that others can read', async () => {
    const url = await serve((path) => {
      if (path === '/auth/Rubin_auth_config.json') {
        return (request, response) =>
          response.end(
            JSON.stringify({ client_id: 'c', oidc_config_url: `http://${request.headers.host ?? ''}/idp` }),
          );
      }
      return path === '/idp'
        ? (request, response) => {
            const self = `http://${request.headers.host ?? ''}`;
            const places = { token_endpoint: `${self}/t`, device_authorization_endpoint: `${self}/d` };
            response.end(JSON.stringify({ issuer: self, ...places }));
          }
        : undefined;
    });
    const configRoot = `${bench.folder}/config`;
    const profile = { authentication: { kind: 'oidc', origin: 'Rubin', configRoot } as const };
    const nobody = await look(url, { profile });
    assert.match(
      nobody.of('identity', 'sign-in'),
      /^failed: nobody is signed in; looked in .*\.token → Sign in \(sign in here\)$/,
    );
    assert.match(
      nobody.states('issuer'),
      /^configuration ok, proxy ok, DNS ok, TCP ok, HTTP ok, clock ok, sign-in ok$/,
    );
    await mkdir(configRoot);
    await writeFile(`${configRoot}/.token`, '{"id_tok');
    const broken = await look(url, { profile });
    assert.match(
      broken.of('identity', 'sign-in'),
      /^failed: nobody is signed in; .*what is in .*\.token is no sign-in → Sign in/,
    );
    const tokens = { id_token: endingIn(60 * 60 * MINUTE), refresh_token: 'refresh-me' };
    await writeFile(`${configRoot}/.token`, JSON.stringify(tokens), { mode: 0o644 });
    await chmod(`${configRoot}/.token`, 0o644);
    const jane = await look(url, { profile });
    assert.match(jane.of('identity', 'sign-in'), /^ok: token of Jane Doe; .*the token is good for 2 d/);
    assert.match(
      jane.of('identity', 'file'),
      /^warning: others can read .*\.token \(mode 0644\) → .*chmod 600/,
    );
  });

  it('a VO that the server does not know', async () => {
    const profile = { authentication: { kind: 'oidc', origin: 'nobody', configRoot: bench.folder } as const };
    const found = await look(await serve(), { profile });
    assert.match(
      found.of('issuer', 'configuration'),
      /^failed: Could not learn from .* how to sign in for nobody: /,
    );
    assert.equal(found.of('issuer', 'the way to it'), 'skipped: it is not known where it is');
  });

  it('a certificate: whose, until when, who can read its key', async () => {
    const file = `${bench.folder}/proxy`;
    await copyFile(fixture('proxy.pem'), file);
    await chmod(file, 0o644);
    const authentication = { kind: 'certificate', certFile: file, keyFile: file } as const;
    const url = await serve();
    const found = await look(url, { profile: { authentication } });
    assert.match(
      found.of('identity', 'certificate'),
      /^ok: proxy of Alice Adams; the proxy is good for .*; kept in .*proxy$/,
    );
    assert.match(found.of('identity', 'file'), /^warning: others can read/);
    const none = { ...authentication, certFile: '/no/such', keyFile: '/no/such' };
    const missing = await look(url, { profile: { authentication: none } });
    assert.match(missing.of('server', 'HTTP'), /^ok/, 'the way is seen to its end all the same');
    assert.match(missing.of('server', 'API'), /^ok/);
    assert.match(
      missing.of('identity', 'certificate'),
      /^failed: there is no certificate that can be read in \/no\/such → /,
    );
    assert.equal(missing.of('cache', 'all'), 'skipped: the server does not know who asks');
  });
});

describe('what is behind the server', () => {
  const bench = useDiagnosis();
  const { serve, look } = bench;

  it('a monitor that is down, or wants a sign-in, while the server is up', async () => {
    const url = await serve();
    const down = await look(url, { profile: { monitor: 'http://127.0.0.1:9' } });
    assert.match(down.of('monitor', 'TCP'), /^failed: nothing listens there/);
    assert.match(down.of('server', 'API'), /^ok/);
    assert.match(
      down.of('cache', 'put'),
      /^ok: files are put by http:.*, and fetched from http:.*\/cache\/$/,
    );
    const monitor = await serve(() => say(302, '', { Location: 'https://auth.example.org/login' }));
    const asking = await look(url, { profile: { monitor } });
    assert.match(
      asking.of('monitor', 'HTTP'),
      /^warning: it points to a page to sign in, https:\/\/auth\.example\.org\/login/,
    );
    assert.match(asking.of('monitor', 'data'), /^failed: .*the monitor does not take the profile's token/);
    const without = await look(url, { profile: { monitor: undefined } });
    assert.match(
      without.of('monitor', 'address'),
      /^warning: the profile names none.*→ Add “monitor” to the profile$/,
    );
  });

  it('a cache elsewhere, and a default site that is not there', async () => {
    const url = await serve();
    const cache = await serve(() => say(404, 'no'));
    const found = await look(url, { profile: { cache, defaultSite: 'MOON' } });
    assert.match(found.states('cache'), /^proxy ok, DNS ok, TCP ok, HTTP ok, clock ok, put ok$/);
    assert.match(
      found.of('sites', 'list'),
      /^warning: 1 site, 1 online; MOON, the default, is not there → Choose another site/,
    );
    const broken = await look(url, { profile: { cache: await serve(() => say(503, 'no')) } });
    assert.match(broken.of('cache', 'HTTP'), /^failed: HTTP 503/);
  });

  it('a monitor that takes calls and does not answer is not waited for', async () => {
    const monitor = await serve((path) => (path === '/jobs/' ? () => undefined : undefined));
    const found = await look(await serve(), { profile: { monitor }, limits: { step: 500 } });
    assert.equal(
      found.of('monitor', 'data'),
      'failed: no answer within 0.5 s → Try again later: the server, or the network, is slow',
    );
  });

  it('ends when it is told to', async () => {
    const url = await serve((path) => (path.endsWith('is_alive') ? () => undefined : undefined));
    const stop = new AbortController();
    const looking = look(url, { signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(looking, { name: 'AbortError' });
  });
});

describe('the staging store', () => {
  const bench = useDiagnosis();
  const { serve, look } = bench;
  const store = useS3();
  const stagingKeys = { kind: 'keys', accessKeyId: 'AKIDTEST', secretAccessKey: 'verysecret' } as const;
  const settings = (change: object = {}) => ({
    kind: 's3' as const,
    bucket: 'desc',
    prefix: undefined,
    endpoint: store.s3.endpoint,
    region: undefined,
    pathStyle: undefined,
    caFile: undefined,
    credentialsProfile: undefined,
    checksums: undefined,
    ...change,
  });
  const stagingOf = async (change: object = {}, keys = true): Promise<Findings> =>
    look(await serve(), {
      profile: { staging: settings(change) },
      limits: { answer: 10_000 },
      ...(keys ? { stagingKeys } : {}),
    });

  it('a folder that can be written, and one that cannot', async () => {
    const folder = `${bench.folder}/staging`;
    const url = await serve();
    const found = await look(url, { profile: { staging: { kind: 'folder', folder } } });
    assert.equal(found.of('staging', 'probe'), 'ok: a file of 44 bytes was put, read and removed');
    const left = await readdir(folder, { recursive: true, withFileTypes: true });
    assert.deepEqual(
      left.filter((entry) => entry.isFile()),
      [],
    );
    await writeFile(`${bench.folder}/file`, '');
    const bad = await look(url, { profile: { staging: { kind: 'folder', folder: `${bench.folder}/file` } } });
    assert.match(bad.of('staging', 'probe'), /^failed: Could not put .* → Choose another folder$/);
  });

  it('a bucket: the way, the keys, a probe that leaves nothing', async () => {
    const found = await stagingOf();
    assert.equal(
      found.states('staging'),
      'proxy ok, DNS ok, TCP ok, HTTP ok, clock ok, keys ok, bucket ok, probe ok',
    );
    assert.equal(found.of('staging', 'keys'), 'ok: from the secret storage of the editor');
    assert.match(
      found.of('staging', 'bucket'),
      /^ok: bucket desc at .* answers; nothing of Jane_Doe is there$/,
    );
    assert.equal(store.s3.objects.size, 0);
  });

  it('a bucket that is not there, keys that are refused, rights that are missing', async () => {
    const missing = await stagingOf({ bucket: 'other' });
    assert.match(
      missing.of('staging', 'bucket'),
      /^failed: .*there is no such bucket\. → Check bucket and endpoint/,
    );
    assert.equal(missing.of('staging', 'probe'), 'skipped: bucket failed');
    store.s3.fault = ({ operation }) =>
      operation === 'ListObjectsV2' ? { kind: 'error', status: 403, code: 'AccessDenied' } : undefined;
    const unlisted = await stagingOf();
    assert.match(
      unlisted.of('staging', 'bucket'),
      /^warning: .*Old files are then neither shown nor cleaned → /,
    );
    assert.match(unlisted.of('staging', 'probe'), /^ok/);
  });

  it('keys that are nowhere', async () => {
    const before = { ...process.env };
    const nowhere = `${bench.folder}/none`;
    Object.assign(process.env, {
      AWS_SHARED_CREDENTIALS_FILE: nowhere,
      AWS_CONFIG_FILE: nowhere,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
      delete process.env[name];
    try {
      const found = await stagingOf({}, false);
      assert.match(
        found.of('staging', 'keys'),
        /^failed: Could not find keys for bucket desc at .* → Set up credentials/,
      );
      assert.equal(found.of('staging', 'probe'), 'skipped: keys failed');
      process.env.AWS_ACCESS_KEY_ID = 'AKIDTEST';
      process.env.AWS_SECRET_ACCESS_KEY = 'verysecret';
      const set = await stagingOf({}, false);
      assert.equal(
        set.of('staging', 'keys'),
        'ok: from the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});

describe('what is shared of a diagnosis', () => {
  const share = withoutSecrets(['opaque-secret-1', 'short'], '/home/jane');
  it('holds no secret, wherever it stood', () => {
    const token = makeToken({ sub: 'jane' });
    for (const text of [
      'token opaque-secret-1 in a sentence',
      `Bearer ${token}`,
      token,
      'http://jane:pa@ss@proxy.test:3128/x',
      'https://host/x?access_token=abcdef&state=1',
      'https://s3.test/b/k?X-Amz-Signature=0123abcd&X-Amz-Credential=AKIA',
      'AKIAIOSFODNN7EXAMPLE',
      'Basic amFuZTpwYXNzd29yZA==',
      '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----',
    ]) {
      const shared = share(text);
      assert.doesNotMatch(
        shared,
        /opaque-secret|eyJ|pa@ss|jane:|ss@proxy|abcdef|0123abcd|AKIA|amFuZTp|MHcCAQEE/,
        shared,
      );
    }
    assert.equal(share('/home/jane/.panda'), '~/.panda');
    assert.equal(share('a short word'), 'a short word');
  });
});
