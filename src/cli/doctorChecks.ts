import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { describeAuthentication, isAbort } from '../panda/index.ts';
import { formatDuration, formatSize, plural, unknownJobs } from '../watch/index.ts';
import type { CommandContext } from './command.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failure.ts';
import { expiryOf } from './tokenExpiry.ts';

export interface CheckResult {
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** What to do, an imperative sentence without a full stop; empty where all is well. */
  readonly advice: string;
}

export interface Check {
  readonly name: string;
  run(context: CommandContext, connection: Connection): Promise<CheckResult>;
}

const ok = (detail: string): CheckResult => ({ state: 'ok', detail, advice: '' });

/** The hops behind the profile, in the order a job takes them. Each may throw; the error then is the result. */
export const CONNECTION_CHECKS: readonly Check[] = [
  {
    name: 'server',
    async run({ io }, { client, profile }) {
      const begun = io.clock.now();
      await client.system.isAlive({ signal: io.signal });
      return ok(`${profile.server} answers as PanDA in ${io.clock.now() - begun} ms`);
    },
  },
  { name: 'identity', run: ({ io }, connection) => checkIdentity(connection, io.clock.now(), io.signal) },
  {
    name: 'sites',
    async run({ io }, { client, profile }) {
      const sites = await client.metaconfig.getSiteSpecs({ signal: io.signal });
      const online = sites.filter(({ status }) => status === 'online').length;
      const own = sites.find(({ name }) => name === profile.defaultSite);
      const detail = `${plural(sites.length, 'site')}, ${online} online`;
      if (profile.defaultSite === undefined) return ok(`${detail}; the profile names no default site`);
      if (own?.status === 'online') return ok(`${detail}; ${own.name}, the default, is online`);
      const trouble = own === undefined ? 'is not there' : `is ${own.status}`;
      return {
        state: 'warning',
        detail: `${detail}; ${profile.defaultSite}, the default, ${trouble}`,
        advice: 'Choose another with --site, or change “site” in the profile',
      };
    },
  },
  {
    name: 'monitor',
    async run({ io }, { client, profile }) {
      if (client.monitor === undefined) {
        return {
          state: 'warning',
          detail:
            'the profile names none: jobs submitted elsewhere are not listed, lost answers not cleared up',
          advice: 'Add “monitor” to the profile',
        };
      }
      const jobs = await client.monitor.jobsOfUser(profile.user, { days: 1, limit: 10, signal: io.signal });
      const some = jobs.length === 10 ? '10 or more jobs' : plural(jobs.length, 'job');
      return ok(`${profile.monitor ?? ''} answers; ${some} of ${profile.user} since yesterday`);
    },
  },
  {
    name: 'cache',
    async run({ io }, { client, profile }) {
      // A name that nobody uses: the answer no is an answer.
      await client.files.touchCacheFile('desc-panda-doctor', { signal: io.signal });
      return ok(`${profile.cache} answers`);
    },
  },
  { name: 'submissions', run: ({ io }, connection) => checkJournal(connection, io.signal) },
];

async function checkIdentity(
  { client, profile }: Connection,
  now: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { authentication } = profile;
  const expiry = authentication.kind === 'token' ? expiryOf(await authentication.token()) : undefined;
  if (expiry !== undefined && expiry <= now) {
    return {
      state: 'failed',
      detail: `the token ended ${formatDuration(now - expiry)} ago`,
      advice: 'Sign in again, and put the new token where the profile looks for it',
    };
  }
  // The cheapest call that asks who we are.
  await client.metaconfig.getResourceTypes({ signal });
  const left = expiry === undefined ? '' : `, good for ${formatDuration(expiry - now)}`;
  return ok(`${describeAuthentication(authentication)}, as ${profile.user}${left}: accepted`);
}

/** Less free space than this, in bytes, is worth a word. */
const LITTLE = 100_000_000;

async function checkJournal({ journal, profile }: Connection, signal: AbortSignal): Promise<CheckResult> {
  signal.throwIfAborted();
  await mkdir(journal.folder, { recursive: true, mode: 0o700 });
  await access(journal.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(journal.folder);
  const free = bavail * bsize;
  const { entries, problems } = await journal.unsettled(profile.name);
  const [problem] = problems;
  if (problem !== undefined) {
    return {
      state: 'warning',
      detail: `${plural(problems.length, 'file')} in ${journal.folder} cannot be used: ${problem.message}`,
      advice: `Look at ${problem.file}`,
    };
  }
  const lost = entries.filter(
    ({ submission, status }) => status !== 'running' && unknownJobs(submission).length > 0,
  );
  if (lost.length > 0) {
    return {
      state: 'warning',
      detail: `${plural(lost.length, 'submission')} with jobs of unknown fate`,
      advice: 'See desc-panda submissions',
    };
  }
  const detail = `${journal.folder} can be written, ${formatSize(free)} free`;
  return free < LITTLE ? { state: 'warning', detail, advice: 'Free some space' } : ok(detail);
}

/** Runs a check; whatever it throws is its result. */
export async function runCheck(check: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await check();
  } catch (error) {
    if (isAbort(error)) throw error;
    if (error instanceof Error && 'code' in error && 'path' in error) {
      const detail = `${String(error.path)} cannot be used (${String(error.code)}).`;
      return { state: 'failed', detail, advice: 'Give yourself the right to use it' };
    }
    const { message, advice } = failureOf(error);
    return { state: 'failed', detail: message, advice };
  }
}
