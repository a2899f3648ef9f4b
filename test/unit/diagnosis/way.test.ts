import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { resolve } from 'node:path';
import { say, useDiagnosis } from './useDiagnosis.ts';
import type { Handler } from './useDiagnosis.ts';

const fixture = (name: string): string => resolve(import.meta.dirname, '../../fixtures/tls', name);
const pem = (name: string): Buffer => readFileSync(fixture(name));
const tls = (name: string): { key: Buffer; cert: Buffer } => ({
  key: pem(`${name}-key.pem`),
  cert: pem(`${name}.pem`),
});
/** The fixtures' own authority vouches for `server`. */
const KNOWN = { caFile: fixture('ca.pem') };
const TROUBLE = { caFile: fixture('trouble-ca.pem') };

describe('the way to a server, hop by hop', () => {
  const { serve, listen, look } = useDiagnosis();

  it('says of each hop what came back', async () => {
    const found = await look(await serve(undefined, tls('server')), { profile: KNOWN });
    assert.equal(found.states('server'), 'proxy ok, DNS ok, TCP ok, TLS ok, HTTP ok, clock ok, API ok');
    assert.match(found.of('server', 'DNS'), /^ok: (127\.0\.0\.1|::1)/);
    assert.match(
      found.of('server', 'TLS'),
      /^ok: TLSv1\.3; certificate of localhost, issued by .+; good for .+; authority from .+\/ca\.pem$/,
    );
    assert.equal(found.of('identity', 'accepted'), 'ok: the server knows you as Jane Doe');
    assert.deepEqual(
      found.checks.filter(({ state }) => state !== 'ok').map(({ section, name }) => `${section}.${name}`),
      [],
    );
  });

  it('a port where nothing listens', async () => {
    const port = await listen(net.createServer());
    const found = await look(`http://127.0.0.1:${port === 9 ? 10 : 9}`);
    assert.match(
      found.of('server', 'TCP'),
      /^failed: nothing listens there \(ECONNREFUSED, 127\.0\.0\.1 port 9\) → Check that the server runs, and the port/,
    );
    assert.match(found.states('server'), /TCP failed, HTTP skipped, clock skipped, API skipped$/);
    assert.match(found.states('identity'), /^token (?:ok|warning), accepted skipped$/);
    assert.equal(found.of('identity', 'accepted'), 'skipped: the server cannot be reached');
    for (const section of ['sites', 'cache']) {
      assert.equal(found.of(section, 'all'), 'skipped: the server cannot be reached');
    }
    assert.match(found.of('submissions', 'folder'), /^ok: .* can be written/);
  });

  it('a host that is not there', async () => {
    const found = await look('https://panda.invalid:8443', { limits: { hop: 4000 } });
    assert.match(found.of('server', 'DNS'), /^failed: .*panda\.invalid.* → Check the (address|network)/);
    assert.match(found.states('server'), /^proxy ok, DNS failed, TCP skipped, TLS skipped/);
  });

  it('a certificate that vouches for itself, with and without its file', async () => {
    const url = await serve(undefined, tls('self-signed'));
    const found = await look(url);
    assert.match(
      found.of('server', 'TLS'),
      /^failed: the certificate of localhost vouches for itself: no authority does → Get it .* name that as caFile in the profile$/,
    );
    const trusting = await look(url, { profile: { caFile: fixture('self-signed.pem') } });
    assert.match(trusting.of('server', 'TLS'), /^ok: .*authority from .*self-signed\.pem$/);
    assert.match(trusting.of('server', 'API'), /^ok/);
  });

  it('an authority that nobody knows, and one whose file is not there', async () => {
    const url = await serve(undefined, tls('server'));
    assert.match(
      (await look(url)).of('server', 'TLS'),
      /^failed: nobody that this machine knows vouches for the certificate of localhost, issued by .* → Name the PEM file of its authority as caFile/,
    );
    const found = await look(url, { profile: { caFile: '/no/such/ca.pem' } });
    assert.match(found.of('server', 'TLS'), /^failed: .*\/no\/such\/ca\.pem: there is no such file\. → /);
  });

  it('a certificate out of date, one that is not good yet, and one for another host', async () => {
    const expired = await look(await serve(undefined, tls('expired')), { profile: TROUBLE });
    assert.match(
      expired.of('server', 'TLS'),
      /^failed: the certificate of localhost ended on 2021-01-01 00:00 UTC; this machine's clock says 20\d\d-.* → Check the clock of this machine; if it is right, tell the operators/,
    );
    const future = await look(await serve(undefined, tls('future')), { profile: TROUBLE });
    assert.match(
      future.of('server', 'TLS'),
      /^failed: the certificate of localhost is good from 2090-01-01 00:00 UTC on; .* → Set the clock of this machine$/,
    );
    const other = await look(await serve(undefined, tls('other-host')), { profile: TROUBLE });
    assert.match(
      other.of('server', 'TLS'),
      /^failed: the certificate is for panda\.example\.org, not for localhost → Use one of these names/,
    );
  });

  it('certificates that are not checked', async () => {
    const found = await look(await serve(undefined, tls('expired')), { profile: { verifyHost: false } });
    assert.match(found.of('server', 'TLS'), /^warning: TLSv1\.3; not checked, as verifyHost is off: /);
    assert.match(found.of('server', 'API'), /^ok/);
  });

  it('plain HTTP where TLS is expected', async () => {
    const found = await look((await serve()).replace('http:', 'https:'));
    assert.match(
      found.of('server', 'TLS'),
      /^failed: what answers at localhost does not speak TLS .* → Check the port, and whether the address begins with http:/,
    );
  });

  it('a server that wants a certificate', async () => {
    const strict = { ...tls('server'), ca: pem('ca.pem'), requestCert: true, rejectUnauthorized: true };
    const found = await look(await serve(undefined, strict), { profile: KNOWN });
    assert.match(
      found.of('server', 'HTTP'),
      /^failed: the server does not accept the certificate that it was shown, or wants one .* → Make a new proxy/,
    );
  });

  it('a connection that is taken and never answered, and an answer that does not come', async () => {
    const silent = await listen(net.createServer());
    const found = await look(`https://127.0.0.1:${silent}`, { limits: { hop: 200 } });
    assert.match(
      found.of('server', 'TLS'),
      /^failed: 127\.0\.0\.1 does not answer to the beginning of a secure connection within 0\.2 s → /,
    );
    const url = await serve((path) => (path.endsWith('is_alive') ? () => undefined : undefined));
    const slow = await look(url, { limits: { answer: 200 } });
    assert.match(
      slow.of('server', 'HTTP'),
      /^failed: Could not get http:.*: no answer came in time \(ETIMEDOUT\)\. → Try again later/,
    );
  });

  it('what answers in place of PanDA', async () => {
    const answering = async (handler: Handler): Promise<string> => {
      const url = await serve((path) => (path.endsWith('is_alive') ? handler : undefined));
      return (await look(url)).of('server', 'HTTP');
    };
    const cases: readonly (readonly [Handler, RegExp])[] = [
      [
        say(200, '<html><title>It works</title></html>'),
        /^failed: HTTP 200, a web page \(“It works”\) instead of data → Check host and port/,
      ],
      [
        say(200, '<!DOCTYPE html><title>Campus login</title><input type="password">'),
        /^failed: HTTP 200, a web page \(“Campus login”\): a page to sign in stands between → Sign in to this network/,
      ],
      [
        say(302, '', { Location: 'https://sso.example.org/login?state=abc&SAMLRequest=xyz' }),
        /^failed: it points to a page to sign in, https:\/\/sso\.example\.org\/login, instead of answering → /,
      ],
      [
        say(301, '', { Location: 'https://new.example.org:8443/api/v1/system/is_alive' }),
        /^failed: it points to https:\/\/new\.example\.org:8443\/.* → Check whether the profile should name https:\/\/new\.example\.org:8443$/,
      ],
      [say(401, ''), /^failed: HTTP 401: it does not answer without knowing who asks → /],
      [say(403, 'no'), /^failed: HTTP 403: it does not answer without knowing who asks → /],
      [say(404, 'no'), /^failed: HTTP 404: there is nothing at this address → Check host, port and path/],
      [
        say(503, 'no'),
        /^failed: HTTP 503: a gateway answers that what is behind it is not there → Try again/,
      ],
      [say(500, 'no'), /^failed: HTTP 500: the server fails → /],
      [say(418, 'no'), /^failed: HTTP 418: not the answer of a server that works → /],
    ];
    for (const [handler, expected] of cases) assert.match(await answering(handler), expected);
  });

  it('a clock that is off', async () => {
    const url = await serve();
    const after = (ms: number) => look(url, { now: () => Date.now() + ms });
    assert.match(
      (await after(3 * 3_600_000)).of('server', 'clock'),
      /^failed: this machine's clock is (2 h 59 m|3 h.*) ahead of the server's → Set the clock of this machine/,
    );
    assert.match(
      (await after(-120_000)).of('server', 'clock'),
      /^warning: .* behind the server's → Set the clock/,
    );
    assert.match((await after(3 * 3_600_000)).of('server', 'API'), /^ok/);
  });
});

describe('the way through a proxy', () => {
  const { serve, listen, look } = useDiagnosis();
  const values = [
    { field: 'proxy', value: '', from: 'HTTPS_PROXY' },
    { field: 'noProxy', value: '', from: 'NO_PROXY' },
  ];
  const refusing = async (status: number): Promise<{ proxy: string; asked: http.IncomingHttpHeaders[] }> => {
    const asked: http.IncomingHttpHeaders[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      asked.push(request.headers);
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    });
    return { proxy: `http://127.0.0.1:${await listen(proxy)}`, asked };
  };

  it('is asked for a tunnel, and what is behind it looked at', async () => {
    const target = new URL(await serve(undefined, tls('server')));
    const proxy = http.createServer();
    proxy.on('connect', (_request, socket: net.Socket) => {
      const onward = net.connect(Number(target.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    const address = `http://127.0.0.1:${await listen(proxy)}`;
    const found = await look('https://panda.invalid:8443', {
      profile: { proxy: address, verifyHost: false },
      values,
    });
    assert.equal(found.of('server', 'proxy'), `ok: ${address} (HTTPS_PROXY)`);
    assert.equal(
      found.states('server'),
      'proxy ok, DNS ok, TCP ok, tunnel ok, TLS warning, HTTP ok, clock ok, API ok',
    );
  });

  it('may refuse, or want a name', async () => {
    const { proxy, asked } = await refusing(403);
    const found = await look('https://panda.invalid', { profile: { proxy }, values });
    assert.match(
      found.of('server', 'tunnel'),
      /^failed: 127\.0\.0\.1:\d+ does not let through to panda\.invalid:443 \(HTTP 403\) → Ask who runs the proxy/,
    );
    assert.equal(asked[0]?.['proxy-authorization'], undefined);
    const wanting = await refusing(407);
    const nobody = await look('https://panda.invalid', { profile: { proxy: wanting.proxy }, values });
    assert.match(nobody.of('server', 'tunnel'), /it wants a name and password → Put them into HTTPS_PROXY/);
    const known = { proxy: wanting.proxy, proxyCredentials: () => 'jane:pass%40word' };
    const jane = await look('https://panda.invalid', { profile: known, values });
    assert.match(
      jane.of('server', 'tunnel'),
      /does not accept the name and password → Mend name and password/,
    );
    const sent = wanting.asked[1]?.['proxy-authorization'] ?? '';
    assert.equal(Buffer.from(sent.slice('Basic '.length), 'base64').toString(), 'jane:pass@word');
  });

  it('is not there', async () => {
    const found = await look('https://panda.invalid', { profile: { proxy: 'http://127.0.0.1:9' }, values });
    assert.match(
      found.of('server', 'TCP'),
      /^failed: nothing listens there \(ECONNREFUSED, 127\.0\.0\.1 port 9\) → Check the proxy of .*NO_PROXY/,
    );
    assert.match(found.states('server'), /TCP failed, tunnel skipped/);
    const nowhere = { profile: { proxy: 'http://proxy.invalid:9' }, values };
    assert.match((await look('https://panda.invalid', nowhere)).of('server', 'DNS'), /→ Check the proxy of /);
  });

  it('is left out where NO_PROXY or this machine says so', async () => {
    const profile = { proxy: 'http://127.0.0.1:9', noProxy: 'panda.invalid' };
    const named = await look('https://panda.invalid', { profile, values, limits: { hop: 4000 } });
    assert.equal(named.of('server', 'proxy'), 'ok: none: NO_PROXY names this host');
    const here = await look(await serve(), { profile, values });
    assert.equal(here.of('server', 'proxy'), 'ok: none: it is on this machine');
    assert.match(here.of('server', 'API'), /^ok/);
  });
});
