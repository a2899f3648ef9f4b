import type { Account, SignIn } from '../../panda/index.ts';
import { formatDuration } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { isoTime } from '../shapes.ts';
import { UsageError } from '../usageError.ts';

/** Shows who is signed in for a profile, and as whom it is used. */
export async function listAccounts(
  { io, out }: CommandContext,
  profile: string,
  signIn: SignIn,
): Promise<ExitCode> {
  const accounts = await signIn.accounts();
  out.result({ profile, accounts: accounts.map(accountShape) });
  if (accounts.length === 0) out.line('Nobody is signed in.');
  else {
    const rows = accounts.map(({ isUsed, user, state, end, where }) => {
      const left = end === undefined ? '' : ending(end.at - io.clock.now(), end.certain);
      const fields = [isUsed ? '*' : '', user ?? 'somebody', state === 'ended' ? 'ended' : left, where];
      return fields.map((text) => ({ text: cleanLine(text) }));
    });
    const columns = ['', 'User', 'Sign-in ends', 'Kept in'].map((title) => ({ title }));
    for (const line of renderTable(columns, rows, { width: out.width, paintTitle: out.style.dim }))
      out.line(line);
  }
  return EXIT.ok;
}

function ending(left: number, isCertain: boolean): string {
  if (left <= 0) return 'any time now';
  return isCertain ? `in ${formatDuration(left)}` : `in about ${formatDuration(left)}`;
}

/** Uses a profile as somebody who is signed in, until somebody else is named or signs in. */
export async function useAccount(
  { args, out }: CommandContext,
  profile: string,
  signIn: SignIn,
): Promise<ExitCode> {
  const account = findAccount(await signIn.accounts(), args.positionals.slice(1));
  const { user } = await signIn.use(account.subject);
  out.result({ profile, user: user ?? null, subject: account.subject });
  out.line(`Profile ${profile} is used as ${cleanLine(user ?? 'somebody')}.`);
  return EXIT.ok;
}

/** Who is meant by words of a command line. Throws UsageError unless that is one of them. */
export function findAccount(accounts: readonly Account[], words: readonly string[]): Account {
  const wanted = words.join(' ').trim().toLowerCase();
  const names = accounts.map(({ user, subject }) => user ?? subject);
  const advice =
    names.length === 0
      ? 'Sign in (desc-panda auth login)'
      : `Say one of ${names.join(', ')}, or sign in as somebody else (desc-panda auth login)`;
  if (wanted === '') throw new UsageError('Who is meant?', advice);
  const found = accounts.filter(({ user, subject, claims }) =>
    [user, subject, claims?.preferredUsername].some((name) => name?.toLowerCase() === wanted),
  );
  const [one, another] = found;
  if (one === undefined) throw new UsageError(`${words.join(' ')} is not signed in.`, advice);
  if (another === undefined) return one;
  const subjects = found.map(({ subject }) => subject).join(', ');
  throw new UsageError(`Several of this name are signed in.`, `Say one of ${subjects}`);
}

function accountShape({ user, subject, isUsed, state, where, claims, end }: Account) {
  return {
    user: user ?? null,
    subject,
    isUsed,
    state: state === 'ended' ? 'ended' : 'good',
    where,
    endsAt: isoTime(claims?.expiresAt ?? null),
    signInEndsAt: isoTime(end?.at ?? null),
    signInEndIsCertain: end?.certain ?? null,
  };
}
