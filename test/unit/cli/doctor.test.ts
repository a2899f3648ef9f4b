import assert from 'node:assert/strict';
import { useCli } from './useCli.ts';

describe('desc-panda doctor', () => {
  const { harness, call, writeProfiles } = useCli();

  it('examines each hop, and tells no secret', async () => {
    const { code, stdout } = await call('doctor');
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `✓ program      desc-panda 0.0.0, Node …
✓ profile      sandbox (built in): a PanDA on this machine
✓ sandbox      runs since 1970-01-01 00:00, at URL; its data in ~/home/sandbox
✓ server       URL answers as PanDA in N ms
✓ identity     ready-made token for lsst, as panda: accepted
✓ sites        3 sites, 1 online; SANDBOX, the default, is online
✓ monitor      URL answers; 0 jobs of panda since yesterday
✓ cache        URL answers
✓ submissions  ~/home/submissions can be written, SPACE free
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
    assert.match(
      stdout,
      /✓ profile {6}far \(“default” in ~\/config\/desc-panda\/profiles\.json\); server http:\/\/127\.0\.0\.1:9 \(.*\); cache http:\/\/127\.0\.0\.1:9 \(default\); vo Rubin .*; user panda \(default\); authentication ready-made token for Rubin \(.*\)\n/,
    );
    assert.match(
      stdout,
      /⊗ server {7}Could not .*: nothing answers there \(ECONNREFUSED\)\.\n +→ Check that the server runs/,
    );
    assert.match(stdout, /○ identity {5}the server does not answer\n/);
    assert.match(stdout, /✓ submissions/);
    assert.match(stdout, /1 of 8 checks failed\.\n$/);
    assert.doesNotMatch(stdout, new RegExp(expired));
  });
});
