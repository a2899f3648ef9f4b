import type { Authentication, Identity } from '../../../../../src/sandbox/server/identity.ts';
import type { SiteOptions } from '../../../../../src/sandbox/server/sites.ts';
import type { Recorded } from '../../../transcripts/recordings.ts';

/** The people and queues of the recorded server. */

const common = {
  cloud: 'US',
  coreCount: 8,
  maxMemoryMB: 32_000,
  maxWorkDirMB: 40_000,
  maxTimeSeconds: 259_200,
};

export const RECORDED_SITES: readonly SiteOptions[] = [
  {
    ...common,
    name: 'BNL-LSST',
    status: 'online',
    comment: 'HC.Test.Me',
    endPoint: 'BNL_DATADISK',
    centre: 'BNL',
  },
  {
    ...common,
    name: 'SLAC-LSST',
    status: 'brokeroff',
    comment: 'maintenance',
    endPoint: 'SLAC_DATADISK',
    centre: 'SLAC',
  },
  {
    ...common,
    name: 'CC-IN2P3-LSST',
    status: 'offline',
    comment: 'downtime',
    cloud: 'EU',
    endPoint: '',
    centre: 'FRDF',
  },
  {
    ...common,
    name: 'BNL_TEST-LSST',
    status: 'test',
    comment: 'testing',
    endPoint: '',
    centre: 'BNL',
    storage: 'BNL_DATADISK',
  },
];

function person(dn: string, fqans: readonly string[] = [], production = fqans.length > 0): Identity {
  return { dn, fqans, production, ownsEverything: false };
}

export const PILOT = person('/DC=org/DC=example/OU=Services/CN=Robot - LSST Pilot', [], true);
export const ALICE = person('/DC=org/DC=example/OU=People/CN=Alice Adams 12345');
const CAROL = person('Carol Clark/CN=nickname:cclark');
const DORA = 'Dora Dean/CN=nickname:ddean';

/** Who stood behind the tokens of the recordings. Tokens that were refused are not here. */
const BY_TOKEN: Readonly<Record<string, Identity>> = {
  'token with Origin Rubin': CAROL,
  'token over plain http': CAROL,
  'audience unknown but client_id known': CAROL,
  'Basic scheme with a valid token': CAROL,
  'production method with user token': CAROL,
  'token with Origin Rubin:production, group member': person(DORA, ['/Rubin/Role=production']),
  'token with Origin Rubin.production, group member': person(DORA, ['/Rubin/Role=production']),
  'production group member with Origin Rubin only': person(DORA),
  'token without name and preferred_username': person('sub-0001'),
  'with a token': CAROL,
  'with a token, no prodUserName': CAROL,
  'token: submit': CAROL,
  'token: kill by the same user': CAROL,
};

/** Who made a recorded request. */
export function whoAsked({ name, request }: Recorded): Authentication {
  const { client_cert_dn: dn, headers } = request;
  if (dn !== undefined) return { kind: 'known', identity: dn === PILOT.dn ? PILOT : person(dn) };
  const identity = headers.Authorization === undefined ? undefined : BY_TOKEN[name];
  return identity === undefined ? { kind: 'anonymous' } : { kind: 'known', identity };
}
