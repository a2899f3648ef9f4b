import { stat } from 'node:fs/promises';
import { identityFacts } from '../panda/index.ts';
import type { IdentityFacts, Profile } from '../panda/index.ts';
import { endWarning, formatDuration, formatTime } from '../watch/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Finding, Step, Surroundings } from './check.ts';
import type { Subject } from './subject.ts';

/** Who we are by what we hold, and by what the server says. */
export function identitySteps(
  subject: Subject,
  surroundings: Surroundings,
): { readonly held: readonly [Step, ...Step[]]; readonly accepted: Step } {
  const { client, profile } = subject;
  const { kind } = profile.authentication;
  const accepted: Step = {
    name: 'accepted',
    tried: 'ask the server who you are',
    run: async (signal) => {
      const { user, isProduction } = await client.system.whoAmI({ signal });
      const role = isProduction ? ', with the production role' : '';
      return profile.user === user
        ? ok(`the server knows you as ${user}${role}`)
        : ok(`the server knows you as ${user}${role}; jobs are submitted for ${profile.user}`);
    },
  };
  const first: Step = {
    name: HELD[kind],
    tried: kind === 'none' ? '' : 'read what proves who you are',
    run: () => checkHeld(subject, surroundings),
  };
  return { held: [first, ...fileSteps(profile)], accepted };
}

const HELD = { none: 'kind', oidc: 'sign-in', token: 'token', certificate: 'certificate' } as const;

async function checkHeld({ profile, signIn }: Subject, surroundings: Surroundings): Promise<Finding> {
  const now = surroundings.now();
  const facts = await identityFacts(profile, signIn, now);
  if (facts.state === 'notNeeded') return ok('none is sent');
  if (facts.state === 'missing') {
    const finding = missing(facts, profile, surroundings);
    const broken = facts.kind === 'oidc' ? await presentFile(profile) : undefined;
    return broken === undefined
      ? finding
      : { ...finding, detail: `${finding.detail}; what is in ${broken} is no sign-in` };
  }
  if (facts.state === 'ended') return ended(facts, now, surroundings);
  const detail = describe(facts, now);
  const soon = endWarning(facts, now);
  return soon === undefined ? ok(detail) : warning(`${detail}. ${soon.text}`, soon.advice);
}

/** The file of the sign-in, where there is one. */
async function presentFile({ authentication }: Profile): Promise<string | undefined> {
  const [file] = secretFiles(authentication);
  const isThere = file !== undefined && (await stat(file).catch(() => undefined)) !== undefined;
  return isThere ? file : undefined;
}

function missing(
  { kind, where }: IdentityFacts,
  { authentication }: Profile,
  { howToSignIn }: Surroundings,
): Finding {
  if (kind === 'oidc')
    return failed(`nobody is signed in; looked in ${where ?? 'no place'}`, `Sign in (${howToSignIn})`);
  if (kind === 'certificate') {
    return failed(
      `there is no certificate that can be read in ${where ?? 'no place'}`,
      'Make a proxy (voms-proxy-init), or name the files of a certificate in the profile',
    );
  }
  const place = authentication.kind === 'token' ? authentication.from : undefined;
  return failed(
    `there is no token in ${place ?? 'the place that the profile names'}`,
    'Put one there, or let the profile sign in',
  );
}

function ended(
  { kind, endsAt, signInEnd, isProxy }: IdentityFacts,
  now: number,
  { howToSignIn }: Surroundings,
): Finding {
  const at = kind === 'oidc' ? (signInEnd?.at ?? endsAt) : endsAt;
  const since = at === undefined || at > now ? '' : `, ${formatDuration(now - at)} ago`;
  const when = at === undefined ? '' : ` at ${formatTime(at)}${since}`;
  switch (kind) {
    case 'oidc':
      return failed(`the sign-in ended${when}`, `Sign in again (${howToSignIn})`);
    case 'certificate':
      return failed(
        `the ${isProxy ? 'proxy' : 'certificate'} ended${when}`,
        isProxy ? 'Make a new one (voms-proxy-init)' : 'Name one that is valid in the profile',
      );
    default:
      return failed(`the token ended${when}`, 'Get another one, and put it where the profile looks for it');
  }
}

function describe(
  { kind, user, issuer, groups, where, endsAt, signInEnd, isProxy }: IdentityFacts,
  now: number,
): string {
  const what = kind === 'certificate' ? (isProxy ? 'proxy' : 'certificate') : 'token';
  const left =
    endsAt === undefined
      ? ''
      : endsAt > now
        ? `the ${what} is good for ${formatDuration(endsAt - now)}`
        : 'the token is over and will be renewed';
  const parts = [
    user === undefined ? `a ${what} that does not say whose it is` : `${what} of ${user}`,
    issuer === undefined ? '' : `issued by ${issuer}`,
    groups.length === 0 ? '' : `groups ${groups.slice(0, 8).join(', ')}`,
    left,
    signInEnd === undefined
      ? ''
      : `the sign-in ${signInEnd.certain ? '' : 'probably '}until ${formatTime(signInEnd.at)}`,
    where === undefined ? '' : `kept in ${where}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function secretFiles(authentication: Profile['authentication']): readonly string[] {
  switch (authentication.kind) {
    case 'certificate':
      return [authentication.keyFile];
    case 'oidc':
      return [`${authentication.configRoot}/.token`];
    case 'token':
      // Otherwise the name of a variable.
      return authentication.from?.startsWith('/') === true ? [authentication.from] : [];
    case 'none':
      return [];
  }
}

/** Others must not read what proves who one is. */
function fileSteps({ authentication }: Profile): readonly Step[] {
  if (process.platform === 'win32') return [];
  return secretFiles(authentication).map((file) => ({
    name: 'file',
    tried: `look at the mode of ${file}`,
    isOptional: true,
    run: async () => {
      const facts = await stat(file).catch(() => undefined);
      if (facts === undefined) return ok(`${file} is not there`);
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
      return (facts.mode & 0o077) === 0
        ? ok(`${file} can be read by you alone (mode ${mode})`)
        : warning(`others can read ${file} (mode ${mode})`, `Keep it to yourself: chmod 600 ${file}`);
    },
  }));
}
