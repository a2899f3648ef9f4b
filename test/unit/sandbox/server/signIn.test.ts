import assert from 'node:assert/strict';
import { startKeyIssuer, type KeyIssuer } from '../../../support/keyIssuer.ts';
import { recordings } from '../../transcripts/recordings.ts';
import { rawCall } from './rawCall.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { submissionText } from './wireJobs.ts';

const ATTRIBUTES = '/api/v1/system/get_user_attributes';
const NOW = Math.floor(Date.now() / 1000);

/** Claims of the people in the recordings. */
const CAROL = {
  sub: 'sub-carol',
  aud: 'panda-client',
  name: 'carol clark',
  preferred_username: 'cclark',
  groups: ['/Rubin'],
  exp: NOW + 3600,
};
const DORA = {
  ...CAROL,
  name: 'DORA DEAN',
  preferred_username: 'ddean',
  groups: ['Rubin', 'Rubin/production'],
};

interface Asked {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly kid?: string | null;
  readonly foreign?: boolean;
  /** In place of a signed token. */
  readonly token?: string;
}

/** What was sent in each recorded exchange; the recordings keep no tokens. */
const RECORDED: Readonly<Record<string, Asked>> = {
  'token with Origin Rubin': { claims: CAROL },
  'token with unknown vo': { claims: CAROL },
  'token over plain http': { claims: CAROL },
  'token with Origin Rubin:production, not in the group': { claims: CAROL },
  'token with Origin Rubin:production, group member': { claims: DORA },
  'token with Origin Rubin.production, group member': { claims: DORA },
  'production group member with Origin Rubin only': { claims: DORA },
  'token without groups claim': { claims: { ...CAROL, groups: undefined } },
  'token of another group': { claims: { ...CAROL, groups: ['atlas'] } },
  'expired token': { claims: { ...CAROL, exp: NOW - 10 } },
  'token not yet valid': { claims: { ...CAROL, nbf: NOW + 3600 } },
  'unknown audience': { claims: { ...CAROL, aud: 'somebody' } },
  'audience unknown but client_id known': { claims: { ...CAROL, aud: 'x', client_id: 'panda-client' } },
  'wrong issuer': { claims: { ...CAROL, iss: 'https://other.test' } },
  'unknown kid': { claims: CAROL, kid: 'k9' },
  'no kid': { claims: CAROL, kid: null },
  'bad signature': { claims: CAROL, foreign: true },
  'garbage token': { token: 'garbage' },
  'Basic scheme with a valid token': { claims: CAROL },
  'token without name and preferred_username': {
    claims: { ...CAROL, name: undefined, preferred_username: undefined, sub: 'sub-0001' },
  },
  'bad token on a method which needs no security': { token: 'garbage' },
};

describe('a sandbox that wants a sign-in', () => {
  let issuer: KeyIssuer;
  let sandbox: Sandbox;
  before(async () => {
    issuer = await startKeyIssuer();
    sandbox = await openSandbox({ signIn: { issuer: issuer.url, clientId: 'panda-client', vo: 'Rubin' } });
  });
  after(async () => {
    await sandbox.close();
    await issuer.close();
  });

  const ask = (path: string, headers: Readonly<Record<string, string>>) =>
    rawCall(sandbox.server.url, { method: 'GET', path, headers: { Accept: 'application/json', ...headers } });

  for (const { name, file, request, response } of recordings()) {
    const asked = file === 'auth.json' ? RECORDED[name] : undefined;
    if (asked === undefined) continue;
    it(`answers ${name} as the recorded server did`, async () => {
      const token = asked.token ?? (await issuer.sign(asked.claims ?? {}, asked));
      const [scheme = ''] = (request.headers.Authorization ?? '').split(' ');
      const answer = await ask(request.path, {
        Authorization: `${scheme} ${token}`,
        Origin: request.headers.Origin ?? '',
      });
      assert.equal(answer.status, response.status);
      // The recorded server shows where its program lies.
      const expected =
        typeof response.body === 'string'
          ? response.body.replace(/ <python traceback>.*/su, '')
          : response.body;
      assert.deepEqual(typeof expected === 'string' ? answer.text : JSON.parse(answer.text), expected);
    });
  }

  it('says how to sign in, for the VO and its roles alone', async () => {
    for (const name of ['Rubin', 'Rubin.production']) {
      const { text } = await ask(`/auth/${name}_auth_config.json`, {});
      assert.deepEqual(JSON.parse(text), {
        audience: 'panda-client',
        client_id: 'panda-client',
        client_secret: null,
        oidc_config_url: `${issuer.url}/.well-known/openid-configuration`,
        vo: 'Rubin',
      });
    }
    for (const name of ['atlas', '../Rubin', 'Rubin.a.b', '']) {
      assert.equal((await ask(`/auth/${name}_auth_config.json`, {})).status, 404);
    }
  });

  it('gives jobs to who sends them, and lets nobody else end them', async () => {
    const headersOf = async (claims: Readonly<Record<string, unknown>>) => ({
      Authorization: `Bearer ${await issuer.sign(claims)}`,
      Origin: 'Rubin',
      Accept: 'application/json',
      'Content-Type': 'application/json',
    });
    const carol = await headersOf(CAROL);
    const post = async (path: string, headers: Readonly<Record<string, string>>, body: unknown) => {
      const answer = await rawCall(sandbox.server.url, {
        method: 'POST',
        path: `/api/v1/${path}`,
        headers,
        body: JSON.stringify(body),
      });
      return (JSON.parse(answer.text) as { data: unknown }).data;
    };
    const job = { jobName: 'hers', VO: 'Rubin', prodUserName: 'somebody' };
    const [[id]] = (await post('job/submit', carol, { jobs: submissionText([job]) })) as [[number]];
    const record = await sandbox.describeJob(id);
    assert.deepEqual(
      [record.prodUserName, record.prodUserID],
      ['Carol Clark', 'Carol Clark/CN=nickname:cclark'],
    );
    const dora = await headersOf(DORA);
    assert.deepEqual(await post('job/kill', dora, { job_ids: [id] }), [false]);
    assert.deepEqual(await post('job/kill', carol, { job_ids: [id] }), [true]);
  });

  it('leaves its own token to the pilot', async () => {
    const { data } = await sandbox.call('system/get_user_attributes');
    assert.equal((data as { is_production_user: boolean }).is_production_user, true);
    assert.match((await ask(ATTRIBUTES, {})).text, /SSL secure connection is required/);
    const stranger = await ask(ATTRIBUTES, { Authorization: 'Bearer wrong', Origin: 'Rubin' });
    assert.equal(stranger.status, 403);
  });

  it('says so where the identity provider does not answer', async () => {
    const lost = await openSandbox({ signIn: { issuer: 'http://127.0.0.1:9', clientId: 'x', vo: 'Rubin' } });
    try {
      const answer = await rawCall(lost.server.url, {
        method: 'GET',
        path: ATTRIBUTES,
        headers: { Authorization: `Bearer ${await issuer.sign(CAROL)}`, Origin: 'Rubin' },
      });
      assert.equal(answer.status, 403);
      assert.match(answer.text, /Token decode failure/);
    } finally {
      await lost.close();
    }
  });
});
