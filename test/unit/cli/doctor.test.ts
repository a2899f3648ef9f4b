import assert from 'node:assert/strict';
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
Server URL
  ✓ proxy            none is set
  ✓ DNS              127.0.0.1 is an address (N ms)
  ✓ TCP              connected to 127.0.0.1 port PORT (N ms)
  ✓ HTTP             HTTP 200 (N ms)
  ✓ clock            this machine and the server agree on the time
  ✓ API              URL answers as PanDA (N ms)
  ✓ sites            3 sites, 1 online; SANDBOX, the default, is online (N ms)
Identity
  ✓ token            token of Panda; issued by desc-panda sandbox (N ms)
  ✓ accepted         the server knows you as panda, with the production role (N ms)
Monitor URL
  ✓ way              as to the server, which it is at
  ✓ data             0 jobs of panda since yesterday (N ms)
Cache URL
  ✓ way              as to the server, which it is at
  ✓ put              files are put by URL, and fetched from URL/cache/ (N ms)
Staging folder ~/home/sandbox/staging
  ✓ probe            a file of 44 bytes was put, read and removed (N ms)
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
  ✓ authentication   ready-made token for Rubin (~/config/desc-panda/profiles.json)
`,
    );
    assert.match(
      stdout,
      / ⊗ TCP {14}nothing listens there \(ECONNREFUSED, 127\.0\.0\.1 port 9\) \(N ms\)\n +→ Check that the server runs/,
    );
    assert.match(stdout, / ○ API {14}TCP failed\n/);
    assert.match(stdout, /^Identity\n {2}○ all {14}the server cannot be reached\n/m);
    assert.match(stdout, / ✓ folder/);
    assert.match(stdout, /1 of 20 checks failed, 1 warning\.\n$/);
    assert.doesNotMatch(stdout, new RegExp(expired));
  });
});
