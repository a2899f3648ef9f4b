import type { Fields } from './settingsReader.ts';

/** A PanDA that is known by name. Its addresses are defaults: hosts move. */
export interface KnownDeployment {
  readonly names: readonly [name: string, ...others: string[]];
  readonly title: string;
  /** As of a profile in a settings file. */
  readonly fields: Fields;
  /** Where its own instructions have the official client keep a sign-in, below the home folder. */
  readonly configRoot: '.panda' | '.pathena';
}

const SIGN_IN = { kind: 'oidc' };

export const KNOWN_DEPLOYMENTS: readonly KnownDeployment[] = [
  {
    names: ['usdf'],
    title: 'Rubin, USDF at SLAC',
    fields: {
      server: 'https://usdf-panda-server.slac.stanford.edu:8443',
      monitor: 'https://usdf-panda-bigmon.slac.stanford.edu:8443',
      vo: 'Rubin',
      authentication: SIGN_IN,
    },
    configRoot: '.panda',
  },
  {
    names: ['usdf-dev'],
    title: 'Rubin, development at SLAC',
    fields: {
      server: 'https://rubin-panda-server-dev.slac.stanford.edu:8443',
      monitor: 'https://rubin-panda-bigmon-dev.slac.stanford.edu:8443',
      vo: 'Rubin',
      authentication: SIGN_IN,
    },
    configRoot: '.panda',
  },
  {
    names: ['doma'],
    title: 'DOMA, the test bed at CERN',
    fields: {
      server: 'https://pandaserver-doma.cern.ch:25443',
      monitor: 'https://panda-doma.cern.ch',
      vo: 'wlcg',
      authentication: SIGN_IN,
    },
    configRoot: '.pathena',
  },
  {
    // The VO is that of the group: an own profile of this name says it, or the variables do. No public set-up of it names one.
    names: ['bnl'],
    title: 'BNL, for sPHENIX and other groups',
    fields: {
      server: 'https://sphenix-pandaserver.apps.rcf.bnl.gov',
      monitor: 'https://sphenix-panda.apps.rcf.bnl.gov',
      authentication: SIGN_IN,
    },
    configRoot: '.pathena',
  },
  {
    names: ['atlas', 'cern'],
    title: 'ATLAS, at CERN',
    fields: {
      server: 'https://pandaserver.cern.ch:25443',
      cache: 'https://pandacache.cern.ch',
      monitor: 'https://bigpanda.cern.ch',
      vo: 'atlas',
      authentication: SIGN_IN,
    },
    configRoot: '.pathena',
  },
];

export function knownDeployment(name: string): KnownDeployment | undefined {
  return KNOWN_DEPLOYMENTS.find(({ names }) => names.includes(name));
}

/** The deployment whose server has this address, if it is known. */
export function deploymentAt(server: unknown): KnownDeployment | undefined {
  if (typeof server !== 'string' || !URL.canParse(server)) return undefined;
  const { host } = new URL(server);
  return KNOWN_DEPLOYMENTS.find(({ fields }) => new URL(String(fields.server)).host === host);
}
