import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useCli } from './useCli.ts';

describe('desc-panda doctor', () => {
  const { harness, call, writeProfiles } = useCli();

  it('examines each hop, and tells no secret', async () => {
    const { code, stdout } = await call('doctor');
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `Program
  ✓ version          desc-panda 0.0.0, Node …
Profile
  ✓ chosen           sandbox (built in): a PanDA on this machine
Sandbox
  ✓ running          runs since 1970-01-01 00:00, at URL; its data in ~/home/sandbox (N ms)
Profile of the sandbox
  ✓ server           URL (the sandbox)
  ✓ cache            URL (the sandbox)
  ✓ monitor          URL (the sandbox)
  ✓ vo               lsst (the sandbox)
  ✓ user             panda (the sandbox)
  ✓ authentication   ready-made token for lsst (the sandbox)
  ✓ site             SANDBOX (the sandbox)
  ✓ staging          ~/home/sandbox/staging (the sandbox)
  ✓ datacat          URL/datacat/r, as at PanDA (the sandbox)
Server URL
  ✓ proxy            none is set
  ✓ DNS              127.0.0.1 is an address (N ms)
  ✓ TCP              connected to 127.0.0.1 port PORT (N ms)
  ✓ HTTP             HTTP 200 (N ms)
  ✓ clock            this machine and the server agree on the time
  ✓ API              URL answers as PanDA (N ms)
Identity
  ✓ token            token of Panda; issued by desc-panda sandbox (N ms)
  ✓ accepted         the server knows you as panda, with the production role (N ms)
Sites
  ✓ list             3 sites, 1 online; SANDBOX, the default, is online (N ms)
Monitor URL
  ✓ way              as to the server, which it is at
  ✓ data             0 jobs of panda since yesterday (N ms)
Cache URL
  ✓ way              as to the server, which it is at
  ✓ put              files are put by URL, and fetched from URL/cache/ (N ms)
Staging folder ~/home/sandbox/staging
  ✓ probe            a file of 44 bytes was put, read and removed (N ms)
Data catalog URL/datacat/r
  ✓ way              as to the server, which it is at
Submissions of this machine
  ✓ folder           ~/home/submissions can be written, SPACE free (N ms)
  ✓ unsettled        no submission has jobs of unknown fate (N ms)
All is well.
`,
    );
    assert.doesNotMatch(
      (await harness().call(['doctor', '--json'])).stdout,
      new RegExp(harness().server.token),
    );
  });

  it('says for a profile of the file where each value comes from, and what fails', async () => {
    const profile = {
      server: 'http://127.0.0.1:9',
      vo: 'Rubin',
      authentication: { kind: 'token', tokenVariable: 'MY_TOKEN', origin: 'Rubin' },
    };
    await writeProfiles(JSON.stringify({ default: 'far', profiles: { far: profile } }));
    const expired = `x.${Buffer.from('{"exp":1000}').toString('base64url')}.y`;
    const { code, stdout } = await call('doctor', { env: { MY_TOKEN: expired } });
    assert.equal(code, 3);
    const [, values] = /^Profile\n([^]*?)^Server/m.exec(stdout) ?? [];
    assert.equal(
      values,
      `  ✓ chosen           far (“default” in ~/config/desc-panda/profiles.json): 5 values
  ✓ server           http://127.0.0.1:9 (~/config/desc-panda/profiles.json)
  ✓ cache            http://127.0.0.1:9 (default)
  ✓ vo               Rubin (~/config/desc-panda/profiles.json)
  ✓ user             panda (default)
  ✓ authentication   ready-made token for Rubin in the variable MY_TOKEN (~/config/desc-panda/profiles.json)
`,
    );
    assert.match(
      stdout,
      / ⊗ TCP {14}nothing listens there \(ECONNREFUSED, 127\.0\.0\.1 port 9\) \(N ms\)\n +→ Check that the server runs/,
    );
    assert.match(stdout, / ○ API {14}TCP failed\n/);
    assert.match(stdout, /^Identity\n {2}⊗ token {12}the token ended at TIME, .* ago/m);
    assert.match(stdout, / ○ accepted {9}token failed\n/);
    assert.match(stdout, / ✓ folder/);
    assert.match(stdout, /2 of 21 checks failed, 1 warning\.\n$/);
    assert.doesNotMatch(stdout, new RegExp(expired));
  });

  it('keeps every secret to itself, also what a server says back', async () => {
    const secrets = {
      MY_TOKEN: 'opaque-token-0123456789',
      AWS_SECRET_ACCESS_KEY: 'aws/secret+key0123456789',
      AWS_SESSION_TOKEN: 'session-token-0123456789',
      AWS_ACCESS_KEY_ID: 'AKIAPLANTED000000000',
    };
    const proxyPassword = 'pass@word-0123';
    const server = createServer((request, response) => {
      const echo = JSON.stringify(request.headers);
      const text = `ERROR : ${echo} ${Object.values(secrets).join(' ')} http://jane:${proxyPassword}@proxy/`;
      if (request.url?.includes('is_alive') === true) {
        response.end(JSON.stringify({ success: true, message: text, data: null }));
        return;
      }
      const location = `https://sso.test/login?token=${secrets.MY_TOKEN}`;
      response.writeHead(request.url === '/' ? 302 : 403, { Location: location }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const profile = {
      server: url,
      monitor: url,
      vo: 'Rubin',
      authentication: { kind: 'token', tokenVariable: 'MY_TOKEN' },
      staging: { kind: 's3', bucket: 'desc', endpoint: url },
    };
    await writeProfiles(JSON.stringify({ default: 'far', profiles: { far: profile } }));
    const env = { ...secrets, HTTPS_PROXY: `http://jane:${proxyPassword}@proxy.test:3128` };
    const before = { ...process.env };
    Object.assign(process.env, secrets);
    try {
      for (const line of ['doctor', 'doctor --json']) {
        const { code, stdout, stderr } = await call(line, { env });
        assert.equal(code, 3, stdout);
        assert.match(stdout, /proxy\.test:3128/);
        for (const secret of [...Object.values(secrets), proxyPassword, 'jane:']) {
          assert.ok(!stdout.includes(secret) && !stderr.includes(secret), `${secret} in ${stdout}`);
        }
      }
    } finally {
      for (const name of Object.keys(secrets)) delete process.env[name];
      Object.assign(process.env, before);
      server.closeAllConnections();
      server.close();
    }
  });
});
