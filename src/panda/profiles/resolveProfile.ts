import { join } from 'node:path';
import type { Problem } from '../jobs/request.ts';
import { isObject } from '../wire/envelope.ts';
import type { Profile } from './profile.ts';
import { environmentFields, proxyCredentials, proxyFields, voField } from './environmentProfile.ts';
import type { Sourced, SourcedFields } from './environmentProfile.ts';
import { deploymentAt, KNOWN_DEPLOYMENTS, knownDeployment } from './knownDeployments.ts';
import type { KnownDeployment } from './knownDeployments.ts';
import { parseProfile } from './profileConfig.ts';
import { ProfileError } from './profileError.ts';
import { valuesOf } from './profileValues.ts';
import type { ProfileValue } from './profileValues.ts';
import type { SetupVariables, Variables } from './variables.ts';

/** The profile of a PanDA on this machine: it has to run before it has addresses. */
export const SANDBOX = 'sandbox';
/** The profile that the variables of the official client make. */
export const ENVIRONMENT = 'environment';

/** A place where people write profiles. */
export interface ProfileSource {
  /** For people: `descPanda.profiles`, `~/.config/desc-panda/profiles.json`. */
  readonly from: string;
  readonly profiles: Readonly<Record<string, unknown>>;
}

/** Who names a profile to use; undefined where this one does not. */
export interface ProfileWish {
  readonly name: string | undefined;
  readonly by: string;
}

/** Everything that decides which profile is used, and what is in it. */
export interface ProfileInputs {
  /** The first that names a profile decides. */
  readonly wishes: readonly ProfileWish[];
  /** The first that has a field decides. */
  readonly own: readonly ProfileSource[];
  /** The site that a setting wants, whatever the profile. */
  readonly site?: Sourced | undefined;
  readonly variables: Variables;
  /** Name of the user at this machine. */
  readonly user: string;
  readonly home: string;
  /** Number of the user; undefined on Windows. */
  readonly userId: number | undefined;
}

/** The profile in use, with where each of its values comes from. The sandbox has no profile before it runs. */
export interface ResolvedProfile {
  readonly name: string;
  /** `--profile`, `PANDA_URL_SSL is set`, … */
  readonly chosenBy: string;
  /** Undefined for the sandbox. */
  readonly profile: Profile | undefined;
  readonly values: readonly ProfileValue[];
}

/**
 * Chooses the profile and puts it together; throws a ProfileError where that cannot be done.
 *
 * Chosen is the one that the first of `wishes` names; else `environment` where PANDA_URL_SSL is set; else the
 * sandbox, unless a set-up script was to lead elsewhere.
 * Each of its fields is the first of: the site of the settings; `own` profiles of this name, in their order; for
 * `environment` the variables; the known deployment of this name, or at this address; HTTPS_PROXY; the default.
 */
export function resolveProfile(inputs: ProfileInputs): ResolvedProfile {
  const { name, chosenBy } = choose(inputs);
  if (name === SANDBOX) {
    const { site } = inputs;
    const values = site === undefined ? [] : [{ field: 'site', value: String(site.value), from: site.from }];
    return { name, chosenBy, profile: undefined, values };
  }
  const known = name === ENVIRONMENT ? undefined : knownDeployment(name);
  const layers = ownLayers(name, inputs);
  if (name === ENVIRONMENT) layers.push(environmentFields(inputs.variables, inputs.userId));
  else if (layers.length === 0 && known === undefined) throw unknownProfile(name, chosenBy, inputs);
  const server = merge(layers).get('server')?.value;
  if (name === ENVIRONMENT && server === undefined) throw noEnvironment(inputs.variables);
  return build(name, chosenBy, layers, known ?? deploymentAt(server), inputs);
}

function choose({ wishes, variables }: ProfileInputs): { readonly name: string; readonly chosenBy: string } {
  for (const { name, by } of wishes) if (name !== undefined) return { name, chosenBy: by };
  if (variables.get('PANDA_URL_SSL') !== undefined) {
    return { name: ENVIRONMENT, chosenBy: `${variables.from('PANDA_URL_SSL')} is set` };
  }
  // Who names a script wants the PanDA that it leads to, and no other.
  if (variables.setup !== undefined) throw setsNoServer(variables.setup);
  return { name: SANDBOX, chosenBy: 'built in' };
}

function ownLayers(name: string, { own }: ProfileInputs): SourcedFields[] {
  return own.flatMap(({ from, profiles }) => {
    if (!Object.hasOwn(profiles, name)) return [];
    const fields = profiles[name];
    if (!isObject(fields)) {
      throw new ProfileError(`Profile ${name} of ${from} is not an object.`, 'Mend it there');
    }
    return [sourced(fields, from)];
  });
}

function sourced(fields: Readonly<Record<string, unknown>>, from: string): SourcedFields {
  return new Map(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, { value, from }]),
  );
}

/** Earlier layers win, field by field. */
function merge(layers: readonly SourcedFields[]): SourcedFields {
  return new Map(layers.toReversed().flatMap((layer) => [...layer]));
}

/**
 * Where the official client keeps the sign-in for this server. PANDA_CONFIG_ROOT speaks of the server that PANDA_URL_SSL
 * names: another VO's sign-in is not looked for there.
 */
function configRoot(
  server: unknown,
  deployment: KnownDeployment | undefined,
  { variables, home }: ProfileInputs,
): { readonly value: string; readonly from: string } {
  const name = 'PANDA_CONFIG_ROOT';
  const named = variables.get(name);
  if (named !== undefined && speakOf(server, variables)) {
    return { value: named.startsWith('~/') ? join(home, named.slice(2)) : named, from: variables.from(name) };
  }
  const usual = deployment?.configRoot;
  const from = usual === undefined ? 'default' : knownAs(deployment);
  return { value: join(home, usual ?? '.pathena'), from };
}

function knownAs(deployment: KnownDeployment | undefined): string {
  return `known deployment ${deployment?.names[0] ?? ''}`;
}

/** Whether the variables are about a server: not where they name another. */
function speakOf(server: unknown, variables: Variables): boolean {
  const named = variables.get('PANDA_URL_SSL');
  return named === undefined || originOf(named) === originOf(server);
}

function originOf(address: unknown): string | undefined {
  return typeof address === 'string' && URL.canParse(address) ? new URL(address).origin : undefined;
}

function build(
  name: string,
  chosenBy: string,
  layers: readonly SourcedFields[],
  deployment: KnownDeployment | undefined,
  inputs: ProfileInputs,
): ResolvedProfile {
  const { user, home, variables, site } = inputs;
  const fields = merge([
    ...(site === undefined ? [] : [new Map([['site', site]])]),
    ...layers,
    ...(deployment === undefined ? [] : [sourced(deployment.fields, knownAs(deployment))]),
  ]);
  const server = fields.get('server')?.value;
  const isForGroups = deployment !== undefined && !fields.has('vo') && speakOf(server, variables);
  const all = merge([
    fields,
    ...(isForGroups ? [voField(variables)] : []),
    ...(fields.has('proxy') ? [] : [proxyFields(variables)]),
  ]);
  const json = Object.fromEntries([...all].map(([field, { value }]) => [field, value]));
  const folder = configRoot(server, deployment, inputs);
  const parsed = parseProfile(name, json, { variables: variables.all, user, home, configRoot: folder.value });
  if (parsed.kind === 'profile') {
    const credentials = fields.has('proxy') ? undefined : proxyCredentials(variables);
    const secrets = credentials === undefined ? {} : { proxyCredentials: () => credentials };
    const profile = { ...parsed.profile, ...secrets };
    return {
      name,
      chosenBy,
      profile,
      values: valuesOf(profile, new Map([...all, ['configRoot', folderOf(all) ?? folder]])),
    };
  }
  const problems = parsed.problems.map((problem) => wordsFor(problem, all));
  const lacksVo = !all.has('vo') && problems.length === 1;
  const advice =
    lacksVo && isDescribed(name, deployment) ? adviceForVo(name, inputs) : adviceFor(name, inputs);
  throw new ProfileError(`Profile ${name} cannot be used: ${problems.join('; ')}.`, advice);
}

function wordsFor({ where, message }: Problem, fields: SourcedFields): string {
  const source = fields.get(where.split('.')[0] ?? '');
  return `${where} ${message}${source === undefined ? '' : ` (${source.from})`}`;
}

/** Whether variables or what is known of it may fill it up. */
function isDescribed(name: string, deployment: KnownDeployment | undefined): boolean {
  return deployment !== undefined || name === ENVIRONMENT;
}

function adviceForVo(name: string, inputs: ProfileInputs): string {
  return `Say the VO of your group: set PANDA_AUTH_VO, or write {"vo": "…"} as profile ${name} in ${placesOf(inputs)}`;
}

/** The folder of the sign-in that the profile names itself. */
function folderOf(fields: SourcedFields): Sourced | undefined {
  const authentication = fields.get('authentication');
  const names = isObject(authentication?.value) && authentication.value.configRoot !== undefined;
  return names ? authentication : undefined;
}

function placesOf({ own }: ProfileInputs): string {
  return own.map(({ from }) => from).join(' or ');
}

function adviceFor(name: string, inputs: ProfileInputs): string {
  const { own } = inputs;
  const places = placesOf(inputs);
  if (name === ENVIRONMENT) return `Mend the variables, or write profile ${name} in ${places}`;
  const written = own.find(({ profiles }) => Object.hasOwn(profiles, name));
  return written === undefined ? `Write profile ${name} in ${places}` : `Mend it in ${written.from}`;
}

function noEnvironment({ setup }: Variables): ProfileError {
  if (setup !== undefined) return setsNoServer(setup);
  return new ProfileError(
    'Profile environment cannot be used: PANDA_URL_SSL is not set.',
    "Source your site's set-up script for PanDA before, or name it as the set-up script to use",
  );
}

function setsNoServer({ file, said }: SetupVariables): ProfileError {
  return new ProfileError(
    `The set-up script ${file} exports no PANDA_URL_SSL${said === undefined ? '' : `; it said: ${said}`}.`,
    'Name one that sets PanDA up for bash or sh and needs no arguments, or choose a profile',
  );
}

function unknownProfile(name: string, by: string, inputs: ProfileInputs): ProfileError {
  const names = listProfiles(inputs).map((one) => one.name);
  const places = placesOf(inputs);
  return new ProfileError(
    `There is no profile ${name} (${by}).`,
    `Use one of ${names.join(', ')}, or add it to ${places}`,
  );
}

/** A profile that can be chosen. */
export interface ProfileChoice {
  readonly name: string;
  /** What it is, or where it is written. */
  readonly title: string;
  /** Undefined where it has none yet, as the sandbox, or cannot be used. */
  readonly profile: Profile | undefined;
}

/** All that can be chosen: the sandbox, the environment where it is set, own ones, known ones. */
export function listProfiles(inputs: ProfileInputs): readonly ProfileChoice[] {
  const { own, variables } = inputs;
  const titles = new Map<string, string>([[SANDBOX, 'a PanDA on this machine']]);
  if (variables.get('PANDA_URL_SSL') !== undefined) titles.set(ENVIRONMENT, variables.from('PANDA_URL_SSL'));
  for (const { from, profiles } of own) {
    for (const name of Object.keys(profiles)) {
      if (!titles.has(name)) titles.set(name, knownDeployment(name)?.title ?? from);
    }
  }
  for (const { names, title } of KNOWN_DEPLOYMENTS) if (!titles.has(names[0])) titles.set(names[0], title);
  return [...titles].map(([name, title]) => ({ name, title, profile: profileNamed(name, inputs) }));
}

function profileNamed(name: string, inputs: ProfileInputs): Profile | undefined {
  try {
    return resolveProfile({ ...inputs, wishes: [{ name, by: '' }] }).profile;
  } catch (error) {
    if (error instanceof ProfileError) return undefined;
    throw error;
  }
}
