import { identityFacts } from '../../panda/index.ts';
import type { IdentityFacts, Profile, ResolvedProfile, SignIn } from '../../panda/index.ts';
import { endWarning, formatDuration, formatTime } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { renderFields } from '../render/jobDetails.ts';
import { cleanLine } from '../render/style.ts';
import { isoTime } from '../shapes.ts';
import { UsageError } from '../usageError.ts';
import { findAccount, listAccounts, useAccount } from './authAccounts.ts';

/** A profile that is not the sandbox, and its sign-in where it has one. */
interface Subject {
  readonly resolved: ResolvedProfile;
  readonly profile: Profile;
  readonly signIn: SignIn | undefined;
}

type Action = (context: CommandContext, subject: Subject) => Promise<ExitCode>;

/** Rubin's own command takes the same. */
const USUAL_DAYS = 4;
const DAY = 86_400_000;

export const authCommand: Command = {
  name: 'auth',
  summary: 'Signs in to PanDA and out of it, shows who is signed in, renews it',
  usage: ['auth login|logout|list|use|status|refresh [WHO] [options]'],
  options: [
    { name: 'open', help: 'also open the page in a browser (login)' },
    {
      name: 'days',
      value: 'N',
      help: `only where the token ends within so many days (refresh; default ${USUAL_DAYS})`,
    },
  ],
  examples: ['auth login --profile usdf', 'auth status', 'auth use Jane Doe', 'auth refresh --days 2'],
  async run(context) {
    const { args, connector, services } = context;
    const [word = '', more] = args.positionals;
    const action = ACTIONS.get(word);
    if (action === undefined || (more !== undefined && !TAKES_WHO.has(word))) {
      throw new UsageError(
        word === '' ? 'What is to be done?' : `There is no auth ${args.positionals.join(' ')}.`,
        'Say one of login, logout, list, use, status, refresh',
      );
    }
    const resolved = await connector.choose();
    const { profile } = resolved;
    if (profile === undefined) return needsNone(context, resolved);
    return action(context, { resolved, profile, signIn: services.signIn(profile) });
  },
};

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['login', login],
  ['logout', logout],
  ['list', (context, subject) => listAccounts(context, subject.resolved.name, signInOf(subject))],
  ['use', (context, subject) => useAccount(context, subject.resolved.name, signInOf(subject))],
  ['status', status],
  ['refresh', refresh],
]);

/** Words after which somebody may be named. */
const TAKES_WHO: ReadonlySet<string> = new Set(['logout', 'use']);

function needsNone({ out }: CommandContext, { name }: ResolvedProfile): ExitCode {
  out.result({ profile: name, kind: 'none', state: 'notNeeded' });
  out.line(`Profile ${name} needs no sign-in.`);
  return EXIT.ok;
}

function signInOf({ signIn, profile, resolved }: Subject): SignIn {
  if (signIn !== undefined) return signIn;
  const advice = {
    none: 'Use the profile as it is',
    oidc: '',
    token: 'Put a token where the profile looks for it',
    certificate: 'Make a new certificate or proxy where it has ended',
  }[profile.authentication.kind];
  throw new UsageError(`Profile ${resolved.name} does not sign in.`, advice);
}

async function login(context: CommandContext, subject: Subject): Promise<ExitCode> {
  const { args, io, out, services } = context;
  const signIn = signInOf(subject);
  out.progress('Asking for a code…');
  await signIn.signIn({
    signal: io.signal,
    onCode({ userCode, link, completeLink, expiresAt }) {
      out.event({
        event: 'code',
        userCode,
        link,
        completeLink: completeLink ?? null,
        expiresAt: isoTime(expiresAt),
      });
      out.line(`Open ${cleanLine(link)} and enter the code ${out.style.bold(cleanLine(userCode))}`);
      if (completeLink !== undefined) out.line(`or open ${cleanLine(completeLink)}`);
      if (args.flag('open')) services.openLink(completeLink ?? link);
      out.progress(`Waiting for that; the code is good for ${formatDuration(expiresAt - io.clock.now())}…`);
    },
  });
  const facts = await identityFacts(subject.profile, signIn, io.clock.now());
  out.event({ event: 'signedIn', ...identityShape(subject, facts) });
  out.line(`Signed in as ${cleanLine(facts.user ?? 'somebody')}; kept in ${facts.where ?? ''}.`);
  return EXIT.ok;
}

async function logout({ args, out }: CommandContext, subject: Subject): Promise<ExitCode> {
  const signIn = signInOf(subject);
  const words = args.positionals.slice(1);
  const accounts = await signIn.accounts();
  const account = words.length === 0 ? undefined : findAccount(accounts, words);
  const where = account?.where ?? accounts.find(({ isUsed }) => isUsed)?.where ?? '';
  const had = await signIn.signOut(account?.subject);
  out.result({ profile: subject.resolved.name, signedOut: had });
  const who = account?.user === undefined ? '' : ` ${cleanLine(account.user)}`;
  out.line(had ? `Signed${who} out; nothing is kept in ${where} any more.` : 'Nobody was signed in.');
  return EXIT.ok;
}

async function refresh(context: CommandContext, subject: Subject): Promise<ExitCode> {
  const { args, io, out } = context;
  const signIn = signInOf(subject);
  const days = args.count('days', 0) ?? USUAL_DAYS;
  out.progress('Renewing the sign-in…');
  const renewed = await signIn.refresh({ within: days * DAY, signal: io.signal });
  const facts = await identityFacts(subject.profile, signIn, io.clock.now());
  out.result({ renewed, ...identityShape(subject, facts) });
  const left =
    facts.endsAt === undefined ? '' : `: it is good for ${formatDuration(facts.endsAt - io.clock.now())}`;
  out.line(renewed ? `The token was renewed${left}.` : `The token was left as it is${left}.`);
  return EXIT.ok;
}

async function status({ io, out }: CommandContext, subject: Subject): Promise<ExitCode> {
  const now = io.clock.now();
  const facts = await identityFacts(subject.profile, subject.signIn, now);
  out.result(identityShape(subject, facts));
  for (const line of renderFields(statusFields(subject, facts, now))) out.line(line);
  const warning = endWarning(facts, now);
  if (warning !== undefined) out.note(`${warning.text}\n→ ${warning.advice} (desc-panda auth login)`);
  if (facts.state === 'good' || facts.state === 'notNeeded') return EXIT.ok;
  if (facts.kind === 'oidc') out.note('→ desc-panda auth login');
  return EXIT.unreachable;
}

function statusFields({ resolved, profile }: Subject, facts: IdentityFacts, now: number) {
  const { kind, user, groups, issuer, where, endsAt, signInEnd, isProxy } = facts;
  const what = {
    none: 'none needed',
    oidc: 'sign-in',
    token: 'ready-made token',
    certificate: isProxy ? 'proxy' : 'certificate',
  };
  const until = (time: number): string =>
    time <= now ? `ended ${formatTime(time)}` : `ends in ${formatDuration(time - now)}, ${formatTime(time)}`;
  const fields: readonly (readonly [string, string | null])[] = [
    ['Profile', `${resolved.name}, ${profile.server}`],
    ['Identity', what[kind]],
    ['State', stateText(facts)],
    ['User', user ?? null],
    ['Groups', groups.join(', ')],
    ['Issuer', issuer ?? null],
    ['Kept in', where ?? null],
    [
      kind === 'certificate' ? 'Valid' : 'Token',
      endsAt === undefined ? null : `${until(endsAt)}${kind === 'oidc' ? '; renewed by itself' : ''}`,
    ],
    [
      'Sign-in',
      signInEnd === undefined ? null : `${until(signInEnd.at)}${signInEnd.certain ? '' : ', as is usual'}`,
    ],
  ];
  return fields;
}

function stateText({ kind, state }: IdentityFacts): string {
  switch (state) {
    case 'good':
      return kind === 'oidc' ? 'signed in' : 'good';
    case 'ended':
      return 'ended';
    case 'missing':
      return kind === 'oidc' ? 'signed out' : 'not there';
    case 'notNeeded':
      return 'good';
  }
}

function identityShape({ resolved }: Subject, facts: IdentityFacts) {
  const { kind, state, user, groups, issuer, where, endsAt, signInEnd } = facts;
  return {
    profile: resolved.name,
    kind,
    state,
    user: user ?? null,
    groups,
    issuer: issuer ?? null,
    where: where ?? null,
    endsAt: isoTime(endsAt ?? null),
    signInEndsAt: isoTime(signInEnd?.at ?? null),
    signInEndIsCertain: signInEnd?.certain ?? null,
  };
}
