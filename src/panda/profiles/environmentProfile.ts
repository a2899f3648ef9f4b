import { deploymentAt } from './knownDeployments.ts';
import type { Variables } from './variables.ts';

/** One field of a profile, with where it comes from. */
export interface Sourced {
  readonly value: unknown;
  readonly from: string;
}

/** Fields of a profile by name. */
export type SourcedFields = ReadonlyMap<string, Sourced>;

/** Makes a profile's fields of variables. */
class Collector {
  readonly fields = new Map<string, Sourced>();
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** The first of the variables that is set. */
  take(field: string, ...names: string[]): void {
    const name = names.find((one) => this.#variables.get(one) !== undefined);
    if (name !== undefined) this.put(field, this.#variables.get(name), name);
  }

  put(field: string, value: unknown, ...names: string[]): void {
    const from = names.map((name) => this.#variables.from(name)).join(', ');
    this.fields.set(field, { value, from });
  }
}

/** Ready-made tokens, in the order in which the official client looks for them. */
const TOKENS = [
  ['PANDA_AUTH_ID_TOKEN', 'tokenVariable'],
  ['OIDC_AUTH_TOKEN_FILE', 'tokenFile'],
  ['OIDC_AUTH_ID_TOKEN', 'tokenVariable'],
] as const;

/** The fields that the variables of PanDA's official client give: `PANDA_*`, `OIDC_*`, `X509_*`. */
export function environmentFields(variables: Variables, userId: number | undefined): SourcedFields {
  const collector = new Collector(variables);
  collector.take('server', 'PANDA_URL_SSL');
  collector.take('cache', 'PANDACACHE_URL');
  collector.take('monitor', 'PANDAMON_URL');
  if (variables.get('PANDA_VERIFY_HOST') === 'off') collector.put('verifyHost', false, 'PANDA_VERIFY_HOST');
  collector.take('caFile', 'X509_CERT_DIR');
  takeVo(collector, variables);
  takeAuthentication(collector, variables, userId);
  return collector.fields;
}

/** The VO of the variables alone, for a deployment of several groups that names none. */
export function voField(variables: Variables): SourcedFields {
  const collector = new Collector(variables);
  takeVo(collector, variables);
  return collector.fields;
}

const VO_VARIABLES = ['PANDA_AUTH_VO', 'OIDC_AUTH_VO'] as const;

function takeVo(collector: Collector, variables: Variables): void {
  const name = VO_VARIABLES.find((one) => variables.get(one) !== undefined);
  // `VO:role`, or `VO.role`.
  if (name !== undefined) collector.put('vo', variables.get(name)?.split(/[:.]/)[0], name);
}

function takeAuthentication(collector: Collector, variables: Variables, userId: number | undefined): void {
  const method = variables.get('PANDA_AUTH');
  if (method === 'oidc') {
    takeToken(collector, variables);
    return;
  }
  if (method === 'x509_no_grid') collector.take('user', 'PANDA_NICKNAME');
  const proxy = variables.get('X509_USER_PROXY');
  if (proxy !== undefined) {
    collector.put('authentication', { kind: 'certificate', certFile: proxy }, 'X509_USER_PROXY');
  } else if (method !== undefined || !saysHowByItself(variables.get('PANDA_URL_SSL'))) {
    const usual = { kind: 'certificate', certFile: `/tmp/x509up_u${userId ?? ''}` };
    collector.put('authentication', usual, method === undefined ? 'PANDA_URL_SSL' : 'PANDA_AUTH');
  }
}

/** Of a known deployment we know how it is signed in to, and plain HTTP takes no certificate. */
function saysHowByItself(server: string | undefined): boolean {
  return deploymentAt(server) !== undefined || server?.startsWith('http:') === true;
}

function takeToken(collector: Collector, variables: Variables): void {
  const voVariable = VO_VARIABLES.find((one) => variables.get(one) !== undefined);
  const origin = voVariable === undefined ? {} : { origin: variables.get(voVariable) };
  const also = voVariable === undefined ? [] : [voVariable];
  const ready = TOKENS.find(([name]) => variables.get(name) !== undefined);
  if (ready === undefined) {
    collector.put('authentication', { kind: 'oidc', ...origin }, 'PANDA_AUTH', ...also);
    return;
  }
  const [name, kind] = ready;
  const where = kind === 'tokenFile' ? variables.get(name) : name;
  collector.put('authentication', { kind: 'token', [kind]: where, ...origin }, name, ...also);
}

/** The proxy that programs of this environment are to use, and the hosts that are asked without it. */
export function proxyFields(variables: Variables): SourcedFields {
  const collector = new Collector(variables);
  const proxy = proxyOf(variables);
  if (proxy === undefined) return collector.fields;
  collector.put('proxy', proxy.address, proxy.name);
  collector.take('noProxy', 'NO_PROXY', 'no_proxy');
  return collector.fields;
}

/** Name and password of the environment's proxy, `name:password`; they never stand in a profile. */
export function proxyCredentials(variables: Variables): string | undefined {
  return proxyOf(variables)?.credentials;
}

function proxyOf(
  variables: Variables,
): { readonly name: string; readonly address: string; readonly credentials: string | undefined } | undefined {
  const name = ['HTTPS_PROXY', 'https_proxy'].find((one) => variables.get(one) !== undefined);
  if (name === undefined) return undefined;
  const value = variables.get(name) ?? '';
  const [, scheme = 'http://', credentials, host = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)?(?:(.*)@)?(.*)$/i.exec(value) ?? [];
  return { name, address: `${scheme}${host}`, credentials };
}
