import assert from 'node:assert/strict';
import { proxyFor } from '../../../../src/panda/http/agents.ts';
import { listProfiles, ProfileError, resolveProfile, variablesOf } from '../../../../src/panda/index.ts';
import type { Profile, ProfileInputs, ResolvedProfile } from '../../../../src/panda/index.ts';

/** What a login node of Rubin's has in its environment. */
const RUBIN = {
  PANDA_CONFIG_ROOT: '/home/jane/.panda',
  PANDA_URL_SSL: 'https://usdf-panda-server.slac.stanford.edu:8443/server/panda',
  PANDA_URL: 'https://usdf-panda-server.slac.stanford.edu:8443/server/panda',
  PANDACACHE_URL: 'https://usdf-panda-server.slac.stanford.edu:8443/server/panda',
  PANDAMON_URL: 'https://usdf-panda-bigmon.slac.stanford.edu:8443/',
  PANDA_AUTH: 'oidc',
  PANDA_VERIFY_HOST: 'off',
  PANDA_AUTH_VO: 'Rubin:production',
};

function inputs(
  variables: Readonly<Record<string, string>> = {},
  change: Partial<ProfileInputs> = {},
): ProfileInputs {
  return {
    wishes: [],
    own: [],
    variables: variablesOf(variables),
    user: 'jane',
    home: '/home/jane',
    userId: 1234,
    ...change,
  };
}

const named = (name: string, own: Readonly<Record<string, unknown>> = {}): Partial<ProfileInputs> => ({
  wishes: [
    { name: undefined, by: 'nobody' },
    { name, by: 'option' },
  ],
  own: [{ from: 'settings', profiles: own }],
});

function profileOf(...given: Parameters<typeof inputs>): Profile {
  const { profile } = resolveProfile(inputs(...given));
  assert.ok(profile);
  return profile;
}

const fromOf = ({ values }: ResolvedProfile, field: string): string | undefined =>
  values.find((value) => value.field === field)?.from;

function refusal(...given: Parameters<typeof inputs>): string {
  try {
    resolveProfile(inputs(...given));
  } catch (error) {
    assert.ok(error instanceof ProfileError);
    return `${error.message} → ${error.advice}`;
  }
  return assert.fail('it is not refused');
}

describe('which profile is used', () => {
  it('is the one that is named first, else the environment, else the sandbox', () => {
    assert.equal(resolveProfile(inputs(RUBIN, named('atlas'))).chosenBy, 'option');
    const { name, chosenBy } = resolveProfile(inputs(RUBIN));
    assert.deepEqual([name, chosenBy], ['environment', 'PANDA_URL_SSL is set']);
    assert.deepEqual(resolveProfile(inputs({ PANDA_URL_SSL: ' ' })), {
      name: 'sandbox',
      chosenBy: 'built in',
      profile: undefined,
      values: [],
    });
  });

  it('is one that is known, by any of its names', () => {
    for (const name of ['usdf', 'usdf-dev', 'doma', 'atlas', 'cern']) {
      const { server, vo, authentication } = profileOf({}, named(name));
      assert.match(server, /^https:/);
      assert.ok(authentication.kind === 'oidc' && authentication.origin === vo, name);
    }
    assert.equal(profileOf({}, named('bnl', { bnl: { vo: 'EIC' } })).vo, 'EIC');
    assert.equal(profileOf({ PANDA_AUTH_VO: 'sphenix:production' }, named('bnl')).vo, 'sphenix');
    assert.equal(profileOf({ PANDA_AUTH_VO: 'EIC' }, named('usdf')).vo, 'Rubin');
    assert.match(refusal(RUBIN, named('bnl')), /vo is missing/, 'these variables are about another server');
    assert.match(
      refusal({}, named('bnl')),
      /Profile bnl cannot be used: vo is missing.* → Say the VO of your group: set PANDA_AUTH_VO, or write \{"vo": "…"\} as profile bnl in settings/,
    );
  });

  it('is never the sandbox where a set-up script was to lead elsewhere', () => {
    const setup = { file: '/opt/setup.sh', exported: { PANDA_AUTH_VO: 'Rubin' }, said: 'no such version' };
    const variables = variablesOf({}, setup);
    assert.match(
      refusal({}, { variables }),
      /script \/opt\/setup\.sh exports no PANDA_URL_SSL; it said: no such version\. → Name one/,
    );
    assert.match(refusal({}, { ...named('environment'), variables }), /exports no PANDA_URL_SSL/);
    assert.equal(resolveProfile(inputs({}, { ...named('sandbox'), variables })).name, 'sandbox');
    assert.equal(resolveProfile(inputs(RUBIN, { variables: variablesOf(RUBIN, setup) })).name, 'environment');
  });

  it('is refused where it is not there, or not one', () => {
    assert.match(
      refusal({}, named('nowhere')),
      /no profile nowhere \(option\)\. → Use one of sandbox, usdf, .*settings/,
    );
    assert.match(refusal({}, named('constructor')), /no profile constructor/);
    assert.match(refusal({}, named('mine', { mine: 'text' })), /Profile mine of settings is not an object/);
    assert.match(refusal({}, named('environment')), /PANDA_URL_SSL is not set/);
    assert.match(
      refusal({}, named('usdf', { usdf: { server: 'ftp://x', colour: 1 } })),
      /colour is not a setting of a profile \(settings\); server is not an address.*\(settings\)/,
    );
  });

  it('can be any of a list', () => {
    const own = named('x', { mine: { server: 'https://a.test', vo: 'v' }, usdf: {}, broken: { server: 1 } });
    const list = listProfiles(inputs(RUBIN, own));
    assert.deepEqual(
      list.map(({ name }) => name),
      ['sandbox', 'environment', 'mine', 'usdf', 'broken', 'usdf-dev', 'doma', 'bnl', 'atlas'],
    );
    assert.deepEqual([list[2]?.title, list[2]?.profile?.server], ['settings', 'https://a.test']);
    assert.equal(list[4]?.profile, undefined);
    assert.equal(list[1]?.profile?.server, 'https://usdf-panda-server.slac.stanford.edu:8443');
  });
});

describe('the values of a profile', () => {
  it('come from the first place that has them, and say from which', () => {
    const resolved = resolveProfile(
      inputs(
        {},
        {
          wishes: [{ name: 'usdf', by: 'option' }],
          own: [
            { from: 'settings', profiles: { usdf: { server: 'https://moved.test:8443' } } },
            { from: 'file', profiles: { usdf: { server: 'https://old.test', workingGroup: 'desc' } } },
          ],
          site: { value: 'SLAC_Rubin_4G', from: 'site setting' },
        },
      ),
    );
    assert.equal(resolved.profile?.server, 'https://moved.test:8443');
    assert.deepEqual(
      ['server', 'cache', 'monitor', 'vo', 'user', 'site', 'workingGroup'].map((field) =>
        fromOf(resolved, field),
      ),
      [
        'settings',
        'default',
        'known deployment usdf',
        'known deployment usdf',
        'default',
        'site setting',
        'file',
      ],
    );
  });

  it('of the environment are those of the official client', () => {
    const { name, profile, values } = resolveProfile(inputs(RUBIN));
    assert.equal(name, 'environment');
    assert.deepEqual(
      values.map(({ field, value, from }) => `${field} ${value} (${from})`),
      [
        'server https://usdf-panda-server.slac.stanford.edu:8443 (PANDA_URL_SSL)',
        'cache https://usdf-panda-server.slac.stanford.edu:8443 (PANDACACHE_URL)',
        'monitor https://usdf-panda-bigmon.slac.stanford.edu:8443 (PANDAMON_URL)',
        'vo Rubin (PANDA_AUTH_VO)',
        'user jane (default)',
        'authentication sign-in for Rubin:production (PANDA_AUTH, PANDA_AUTH_VO)',
        'configRoot /home/jane/.panda (PANDA_CONFIG_ROOT)',
        'verifyHost off: certificates are not checked (PANDA_VERIFY_HOST)',
      ],
    );
    assert.equal(profile?.verifyHost, false);
  });

  it('of the environment can be changed and added to, and are filled up from what is known of the server', () => {
    const { PANDA_URL_SSL } = RUBIN;
    const profile = profileOf(
      { PANDA_URL_SSL },
      { own: [{ from: 's', profiles: { environment: { site: 'X' } } }] },
    );
    assert.equal(profile.defaultSite, 'X');
    assert.equal(profile.monitor, 'https://usdf-panda-bigmon.slac.stanford.edu:8443');
    assert.deepEqual(profile.authentication, {
      kind: 'oidc',
      origin: 'Rubin',
      configRoot: '/home/jane/.panda',
    });
    assert.match(
      refusal({ PANDA_URL_SSL: 'https://new.test', PANDA_AUTH: 'oidc' }),
      /vo is missing.* → Say the VO of your group: set PANDA_AUTH_VO/,
    );
  });

  it('take a ready-made token in the order of the official client', async () => {
    const tokens = { PANDA_AUTH_ID_TOKEN: 'one', OIDC_AUTH_TOKEN_FILE: '/none', OIDC_AUTH_ID_TOKEN: 'three' };
    const used = ({ authentication }: Profile): string => {
      assert.ok(authentication.kind === 'token');
      return authentication.origin;
    };
    const first = profileOf({ ...RUBIN, ...tokens });
    assert.equal(used(first), 'Rubin:production');
    assert.ok(first.authentication.kind === 'token');
    assert.equal(await first.authentication.token(), 'one');
    const resolved = resolveProfile(inputs({ ...RUBIN, ...tokens, PANDA_AUTH_ID_TOKEN: '' }));
    assert.equal(fromOf(resolved, 'authentication'), 'OIDC_AUTH_TOKEN_FILE, PANDA_AUTH_VO');
    const { OIDC_AUTH_ID_TOKEN } = tokens;
    const last = profileOf({ ...RUBIN, OIDC_AUTH_ID_TOKEN });
    assert.ok(last.authentication.kind === 'token');
    assert.equal(await last.authentication.token(), 'three');
  });

  it('take a certificate where no sign-in is asked for', () => {
    const base = { PANDA_URL_SSL: 'https://new.test:25443/server/panda', PANDA_AUTH_VO: 'atlas' };
    const fileOf = (variables: Readonly<Record<string, string>>): string => {
      const { authentication } = profileOf({ ...base, ...variables });
      assert.ok(authentication.kind === 'certificate');
      assert.equal(authentication.keyFile, authentication.certFile);
      return authentication.certFile;
    };
    assert.equal(fileOf({}), '/tmp/x509up_u1234');
    assert.equal(fileOf({ PANDA_AUTH: 'x509' }), '/tmp/x509up_u1234');
    assert.equal(fileOf({ PANDA_AUTH: 'x509', X509_USER_PROXY: '/my/proxy' }), '/my/proxy');
    const nickname = { PANDA_AUTH: 'x509_no_grid', PANDA_NICKNAME: 'jdoe', X509_CERT_DIR: '/grid/certs' };
    const { user, caFile } = profileOf({ ...base, ...nickname });
    assert.deepEqual([user, caFile], ['jdoe', '/grid/certs']);
  });

  it('keep a sign-in where the official client keeps that of this server', () => {
    const folderOf = (variables: Readonly<Record<string, string>>, name: string): string => {
      const { authentication } = profileOf(variables, named(name));
      assert.ok(authentication.kind === 'oidc');
      return authentication.configRoot;
    };
    const elsewhere = { ...RUBIN, PANDA_CONFIG_ROOT: '~/elsewhere' };
    assert.equal(folderOf({}, 'usdf'), '/home/jane/.panda');
    assert.equal(folderOf({}, 'atlas'), '/home/jane/.pathena');
    assert.equal(folderOf(elsewhere, 'usdf'), '/home/jane/elsewhere');
    assert.equal(folderOf(elsewhere, 'atlas'), '/home/jane/.pathena');
    assert.equal(folderOf({ PANDA_CONFIG_ROOT: '/all' }, 'atlas'), '/all');
  });

  it('take the proxy of the environment, but for hosts that are to be reached without', () => {
    const proxyOf = (variables: Readonly<Record<string, string>>): string | undefined => {
      const profile = profileOf({ HTTPS_PROXY: 'http://squid.test:3128', ...variables }, named('usdf'));
      return proxyFor(profile, profile.server);
    };
    assert.equal(proxyOf({}), 'http://squid.test:3128');
    assert.equal(proxyOf({ HTTPS_PROXY: 'squid.test:3128' }), 'http://squid.test:3128');
    for (const without of [
      '*',
      '.slac.stanford.edu,.cern.ch',
      'localhost stanford.edu',
      '*.stanford.edu',
      'USDF-panda-server.slac.stanford.edu:8443',
    ]) {
      assert.equal(proxyOf({ no_proxy: without }), undefined, without);
    }
    const others = 'ford.edu, cern.ch, usdf-panda-server.slac.stanford.edu:443';
    assert.equal(proxyOf({ NO_PROXY: others }), 'http://squid.test:3128');
    const own = named('usdf', { usdf: { proxy: 'http://own.test:1' } });
    const chosen = profileOf({ https_proxy: 'http://squid.test:3128', no_proxy: '*' }, own);
    assert.equal(proxyFor(chosen, chosen.server), 'http://own.test:1');
  });

  it('keep the password of a proxy out of the profile', () => {
    const secret = 'jane:pass@word%21';
    const inputs = { HTTPS_PROXY: `http://${secret}@squid.test:3128` };
    const profile = profileOf(inputs, named('usdf'));
    assert.equal(profile.proxy, 'http://squid.test:3128');
    assert.equal(profile.proxyCredentials?.(), secret);
    assert.doesNotMatch(JSON.stringify(profile), /pass/);
  });

  it('name the set-up script where a variable comes from it', () => {
    const setup = { file: '/cvmfs/setup.sh', exported: { PANDA_URL_SSL: RUBIN.PANDA_URL_SSL } };
    const resolved = resolveProfile(inputs({}, { variables: variablesOf({ PANDA_AUTH: 'oidc' }, setup) }));
    assert.equal(resolved.chosenBy, 'PANDA_URL_SSL of /cvmfs/setup.sh is set');
    assert.equal(fromOf(resolved, 'server'), 'PANDA_URL_SSL of /cvmfs/setup.sh');
  });
});
