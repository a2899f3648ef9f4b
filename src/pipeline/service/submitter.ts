import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeJobName } from '../../panda/index.ts';
import type { SubmitOutcome } from '../../panda/index.ts';
import { recoverSubmissions, resumeSubmission, submitJobs } from '../../watch/index.ts';
import type { ResumeOptions, SubmitJobsDeps } from '../../watch/index.ts';
import { jobControlException, jobSubmissionException } from '../rmi/index.ts';
import type { JavaThrowable, Job } from '../rmi/index.ts';
import { messageIdOf } from '../mail/messageId.ts';
import type { PandaAccount, Tell } from './account.ts';
import { digestOf, identityOf, logFileOf, placeOf } from './identity.ts';
import type { JobIdentity } from './identity.ts';
import { planJob } from './jobPlan.ts';
import type { PlannedJob } from './jobPlan.ts';
import type { JournalChange, JournalJob, ServiceJournal } from './journal.ts';
import type { JobMails } from './jobMailScript.ts';
import { placesOf } from './places.ts';
import { shareCalls } from './sharedCalls.ts';
import type { SharedClient } from './sharedCalls.ts';
import type { JobPlaces } from './places.ts';
import { RUN_SCRIPT } from './runScript.ts';
import { asThrowable, systemTrouble } from './trouble.ts';
import { prepareDirectory } from './workingDirectory.ts';

export interface SubmitterOptions {
  readonly user: string;
  readonly account: PandaAccount;
  readonly journal: ServiceJournal;
  /** Where the service keeps files of this user's jobs. */
  readonly folder: string;
  /** Working directories of the pipeline on this machine lie below these; without any, the service keeps all files. */
  readonly roots: readonly string[];
  /** Files that are in a working directory already are replaced. */
  readonly obliterate: boolean;
  /** How submissions are settled whose answer was lost. */
  readonly settling: Pick<ResumeOptions, 'settledAfter' | 'lookupPauses'>;
  /** Addresses of the mails that jobs send themselves; undefined: they send none. */
  readonly jobMails?: { readonly from: string; readonly to: string } | undefined;
  readonly tell: Tell;
}

/** Turns each process instance and execution into exactly one PanDA job. */
export interface Submitter {
  /** The PandaID. Rejects with a JavaThrowable that the pipeline's client does not take for a broken connection. */
  submit(job: Job): Promise<string>;
  /** Finds out what became of submissions that a process before this one left half done. Sends nothing. */
  recover(): Promise<void>;
  /** Notes down what could not be noted when it happened. Throws while that is still so. */
  noteLeft(): void;
  /** Jobs that PanDA took and the journal could not be told of, by PandaID. */
  readonly unnoted: ReadonlyMap<number, JournalJob>;
  /** Resolves when nothing is being submitted. */
  idle(): Promise<void>;
}

export function createSubmitter(options: SubmitterOptions): Submitter {
  return new JobSubmitter(options);
}

class JobSubmitter implements Submitter {
  readonly #options: SubmitterOptions;
  readonly #shared: SharedClient;
  readonly #deps: SubmitJobsDeps;
  readonly #running = new Map<string, { readonly digest: string; readonly result: Promise<string> }>();
  #recovering: Promise<void> = Promise.resolve();
  readonly unnoted = new Map<number, JournalJob>();

  constructor(options: SubmitterOptions) {
    this.#options = options;
    const { client, deps } = options.account;
    this.#shared = shareCalls(client, () => deps.clock.now());
    this.#deps = { ...deps, client: this.#shared.client };
  }

  async submit(job: Job): Promise<string> {
    const identity = identityOf(job);
    const digest = digestOf(job);
    const key = JSON.stringify([identity.instance, identity.execution]);
    const running = this.#running.get(key);
    if (running !== undefined) {
      if (running.digest !== digest) throw otherJob(identity);
      return running.result;
    }
    const { tell } = this.#options;
    const result = this.#submitOnce(job, identity, digest)
      .catch((error: unknown) => {
        const thrown = asThrowable(`submit the job of process instance ${identity.instance}`, error, tell);
        tell('warning', 'submit.refused', { instance: identity.instance, reason: thrown.detail });
        throw thrown;
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, { digest, result });
    return result;
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.allSettled([...this.#running.values()].map(({ result }) => result));
    }
  }

  recover(): Promise<void> {
    this.#recovering = this.#recover();
    return this.#recovering;
  }

  async #recover(): Promise<void> {
    const { journal, user, account, tell } = this.#options;
    const open = journal.unsettled(user);
    if (open.length === 0) return;
    // One look: it comes again with the next round, and whoever asks for a job is not to wait for all others.
    await recoverSubmissions(account.deps, { lookupPauses: [0] });
    for (const { number } of open) {
      const row = journal.byNumber(number);
      if (row?.step !== 'sending') continue;
      const outcome = await this.#noted(row);
      if (outcome?.kind === 'accepted') await this.#accept(row, outcome.pandaId, 'submit.recovered');
      else
        tell('warning', 'submit.open', {
          instance: row.instance,
          jobName: row.jobName,
          reason: outcome?.reason,
        });
    }
  }

  noteLeft(): void {
    for (const [pandaId, { number, submitted }] of this.unnoted) {
      this.#options.journal.change(number, { step: 'accepted', pandaId, submitted, problem: null });
      this.unnoted.delete(pandaId);
    }
  }

  async #submitOnce(job: Job, identity: JobIdentity, digest: string): Promise<string> {
    const { account, journal, folder, roots, user, tell } = this.#options;
    const places = placesOf(job, identity, folder, roots);
    // What is wrong with the job itself is said before anything is noted.
    const plan = planJob(job, identity, { ...account, ...places, roots, mails: this.#mailsOf(identity) });
    const known = journal.find(user, identity);
    const isThere = known?.step === 'sending' || known?.step === 'accepted';
    if (isThere && known.digest !== digest) throw otherJob(identity);
    if (isThere) {
      const pandaId = known.pandaId ?? (await this.#settle(known));
      if (pandaId !== undefined) {
        tell('info', 'submit.again', { instance: identity.instance, pandaId });
        return String(pandaId);
      }
    }
    const facts = {
      digest,
      directory: places.directory,
      workingDirectory: job.workingDirectory,
      logFile: logFileOf(job),
    };
    const now = account.deps.clock.now();
    const place = placeOf(job, identity);
    const receive = (): JournalJob => {
      const row = journal.receive(user, { identity, place, ...facts }, now);
      if (!places.own) return row;
      // In a folder of the service nothing is moved away before.
      journal.change(row.number, { step: 'writing' });
      return { ...row, step: 'writing' };
    };
    const row = known ?? (await journal.together(receive));
    if (known !== undefined && known.digest !== digest) await this.#note(known, facts);
    return this.#prepareAndSend(row, job, plan, places);
  }

  /** Resolves when it is on the disk. */
  #note({ number }: JournalJob, change: JournalChange): Promise<void> {
    const { journal } = this.#options;
    return journal.together(() => journal.change(number, change));
  }

  #mailsOf(identity: JobIdentity): JobMails | undefined {
    const { jobMails, user } = this.#options;
    if (jobMails === undefined) return undefined;
    const { from } = jobMails;
    const job = { user, ...identity };
    return { ...jobMails, startId: messageIdOf(job, 'start', from), endId: messageIdOf(job, 'end', from) };
  }

  async #prepareAndSend(row: JournalJob, job: Job, plan: PlannedJob, places: JobPlaces): Promise<string> {
    const { account, obliterate } = this.#options;
    // Of a process before this one, which had moved the old files away.
    const isOurs = row.step === 'writing' || row.step === 'sending';
    const archive = places.own || isOurs ? null : job.archiveOldWorkingDir;
    await mkdir(places.runFolder, { recursive: true, mode: 0o700 });
    if (archive !== null) await this.#note(row, { step: 'preparing' });
    const prepared = await prepareDirectory(
      {
        ...places,
        archive,
        flush: !places.own,
        files: job.files,
        replace: obliterate || places.own || isOurs,
      },
      account.deps.clock,
      () => (row.step === 'writing' ? Promise.resolve() : this.#note(row, { step: 'writing' })),
    );
    let outcome: SubmitOutcome;
    try {
      outcome = await this.#send(row, plan, places);
    } catch (error) {
      this.#shared.forgetSites();
      await prepared.undo();
      await this.#fail(row, error);
      throw error;
    }
    if (outcome.kind === 'refused' || outcome.kind === 'notSent') await prepared.undo();
    return String(await this.#conclude(row, outcome));
  }

  /** Rejects only where nothing was sent. */
  async #send(row: JournalJob, plan: PlannedJob, { runFolder }: JobPlaces): Promise<SubmitOutcome> {
    if (plan.runScript !== undefined) {
      await writeFile(join(runFolder, RUN_SCRIPT), plan.runScript, { mode: 0o700 });
    }
    const request = await plan.request();
    const stop = new AbortController();
    let unnoted: Error | undefined;
    const { outcomes } = await submitJobs({ name: request.name, requests: [request] }, this.#deps, {
      signal: stop.signal,
      ...(this.#options.settling.lookupPauses === undefined
        ? {}
        : { lookupPauses: this.#options.settling.lookupPauses }),
      onBegin: async ({ id }) => {
        try {
          const jobName = makeJobName(request.name, id, 1);
          await this.#note(row, { step: 'sending', submission: id, jobName, problem: null });
        } catch (error) {
          // What is not noted must not be sent.
          unnoted = error instanceof Error ? error : new Error(String(error));
          stop.abort();
        }
      },
    });
    if (unnoted !== undefined) throw unnoted;
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('a submission without an outcome');
    return outcome;
  }

  /** Finds out what became of a job that may be at PanDA, and sends it where it surely is not; undefined: begin anew. */
  async #settle(row: JournalJob): Promise<number | undefined> {
    const { settling, tell } = this.#options;
    const left = [...this.unnoted].find(([, { number }]) => number === row.number);
    if (left !== undefined) return left[0];
    // Only one at a time can find out.
    await this.#recovering.catch(() => undefined);
    const noted = await this.#noted(row);
    if (noted?.kind === 'refused') return undefined;
    if (noted?.kind === 'accepted') return this.#conclude(row, noted);
    tell('info', 'submit.settling', { instance: row.instance, jobName: row.jobName });
    const { outcomes } = await resumeSubmission(row.submission ?? '', this.#deps, settling);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('a submission without an outcome');
    return this.#conclude(row, outcome, 'writing');
  }

  /** What the journal of submissions says of a job. */
  async #noted({ submission }: JournalJob): Promise<SubmitOutcome | undefined> {
    const { journal, profile } = this.#options.account.deps;
    const entry = submission === null ? undefined : await journal.read(profile.name, submission);
    return entry?.submission.outcomes[0];
  }

  /** `step`: where a job is that PanDA has not got. */
  async #conclude(
    row: JournalJob,
    outcome: SubmitOutcome,
    step: 'failed' | 'writing' = 'failed',
  ): Promise<number> {
    switch (outcome.kind) {
      case 'accepted':
        return this.#accept(row, outcome.pandaId, 'submit.accepted');
      case 'refused':
        await this.#fail(row, outcome.reason, step);
        throw jobSubmissionException(outcome.reason);
      case 'notSent':
        await this.#fail(row, outcome.reason, step);
        throw jobControlException(`PanDA has not got the job: ${outcome.reason}`);
      case 'unknown': {
        await this.#note(row, { problem: outcome.reason });
        const advice = 'Submit it again later: it is looked for by its name, and not sent twice';
        throw jobControlException(
          `It is not known whether PanDA has got the job. ${outcome.reason} ${advice}.`,
        );
      }
    }
  }

  async #accept(row: JournalJob, pandaId: number, event: string): Promise<number> {
    const { account, tell } = this.#options;
    const submitted = account.deps.clock.now();
    const { instance, task, stream, execution } = row;
    tell('info', event, { instance, task, stream, execution, pandaId });
    try {
      await this.#note(row, { step: 'accepted', pandaId, submitted, problem: null });
    } catch (error) {
      // It exists, and the pipeline is told so; until it can be noted it is found by its name.
      this.unnoted.set(pandaId, { ...row, step: 'accepted', pandaId, submitted });
      tell('error', 'journal.full', { instance, pandaId, reason: systemTrouble(error) ?? String(error) });
    }
    return pandaId;
  }

  async #fail(row: JournalJob, reason: unknown, step: 'failed' | 'writing' = 'failed'): Promise<void> {
    const { tell } = this.#options;
    const problem = reason instanceof Error ? reason.message : String(reason);
    try {
      await this.#note(row, { step, problem, submission: null, jobName: null });
    } catch (error) {
      tell('error', 'journal.full', { reason: systemTrouble(error) ?? String(error) });
    }
  }
}

function otherJob({ instance, execution }: JobIdentity): JavaThrowable {
  const which = execution === '' ? '' : `, execution ${execution},`;
  return jobSubmissionException(
    `Process instance ${instance}${which} was submitted before as another job: another execution needs a PIPELINE_EXECUTIONNUMBER of its own`,
  );
}
