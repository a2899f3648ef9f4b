import { needsSignIn } from '../auth/signInGate.ts';
import type { SitesViewState } from '../contributions.ts';
import { whyNoSession, type SessionState } from '../session.ts';

/** What of the sites decides between rows and a welcome text. */
export interface SitesShown {
  readonly sites: number;
  readonly isRead: boolean;
  /** Why the last reading failed. */
  readonly trouble: Error | undefined;
  /** When they were read last, epoch milliseconds. */
  readonly asOf: number | undefined;
}

/** The one thing that the Sites view shows. */
export function sitesViewState(session: SessionState, shown: SitesShown): SitesViewState {
  if (session.kind !== 'open') return whyNoSession(session.kind);
  if (shown.sites > 0) return 'sites';
  if (shown.trouble !== undefined) return needsSignIn(shown.trouble) ? 'signedOut' : 'unreachable';
  return shown.isRead ? 'empty' : 'opening';
}

/** The line above rows that are not up to date; undefined while they are. It would hide a welcome text, so it is for rows. */
export function sitesViewMessage(
  { sites, trouble, asOf }: SitesShown,
  timeOfDay: (time: number) => string,
): string | undefined {
  if (sites === 0 || trouble === undefined) return undefined;
  const since = asOf === undefined ? '' : `As of ${timeOfDay(asOf)}, `;
  return needsSignIn(trouble)
    ? `${since}nobody is signed in. Run “PanDA: Sign in”.`
    : `${since}server not answering. Run “PanDA: Check connection” to see why.`;
}
