import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Event } from '../../watch/index.ts';
import type { JobControlRemote } from '../rmi/index.ts';
import { checkTaskXml } from '../taskXml/checkTaskXml.ts';
import type { Task, TaskFile } from '../taskXml/model.ts';
import { EmulatorError } from './emulatorError.ts';
import { PipelineEngine } from './engine.ts';
import type { Variables } from './events.ts';
import { beginJournal, continueJournal, JournalError, readRunHead } from './journal.ts';
import type { OpenJournal } from './journal.ts';
import { openMailbox } from './mailbox.ts';
import type { Mailbox } from './mailbox.ts';
import { PipelineModel } from './model.ts';
import { failedInstances } from './rollBack.ts';
import type { SimulatedJobs } from './simulatedJobs.ts';
import type { PipelineSnapshot } from './snapshot.ts';

export interface EmulatorOptions {
  /** Content of the task file. */
  readonly xml: string;
  /** Which of its tasks; undefined: its first. */
  readonly task?: string;
  /** Holds what is known of the run, so that it goes on where it was left. Made where it is not there. */
  readonly folder: string;
  /** Numbers of the streams to create, as far as they are not there. */
  readonly streams: readonly number[];
  /** Given to each stream. */
  readonly variables: Variables;
  /** For mails; 0: any that is free, then always the same. */
  readonly smtpPort: number;
  readonly maxJobs: number;
  readonly pollMs: number;
  readonly lostMs: number;
  readonly simulated?: SimulatedJobs;
  /** See `EngineOptions`. */
  readonly substreams?: number;
  readonly clock: Clock;
}

/** A pipeline server with the streams of one task. */
export interface Emulator {
  /** Where it takes mails, on this machine. */
  readonly smtpPort: number;
  readonly fromAddress: string;
  readonly toAddress: string;
  /** Below it lie the working directories of its jobs. */
  readonly workFolder: string;
  /** Whether it goes on with a run that its folder held. */
  readonly resumed: boolean;
  /** After each change of what `snapshot` and `trouble` give. */
  readonly onChange: Event<undefined>;
  snapshot(): PipelineSnapshot;
  /** What keeps the daemon from being asked; undefined where nothing does. */
  trouble(): string | undefined;
  /** Resolves when every process instance has ended; rejects with the reason of the signal. It is called once. */
  run(remote: JobControlRemote, signal: AbortSignal): Promise<PipelineSnapshot>;
  /** Cancels these process instances, all by default. Resolves when it is noted; jobs end later. */
  cancel(keys?: readonly number[]): Promise<void>;
  /**
   * Runs these process instances and all that waited for them once more; by default all that did not end well. Rejects with
   * an EmulatorError where one of them has not ended.
   */
  rollBack(keys?: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

const ADDRESS = 'pipeline@localhost.localdomain';

/** Rejects with an EmulatorError where the task file has errors, or the folder is that of another run. */
export async function openEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { file, task } = readTask(options);
  checkPrerequisites(task, options.variables);
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const digest = createHash('sha256').update(options.xml).digest('hex');
  const head = await runHead(options.folder);
  if (head !== undefined && (head.digest !== digest || head.task !== task.name)) {
    throw new EmulatorError(
      `${options.folder} holds a run of another task, or of another version of its file`,
      'Choose another folder, or remove this one',
    );
  }
  const engine = Promise.withResolvers<PipelineEngine>();
  engine.promise.catch(() => undefined);
  let refused: () => void = () => undefined;
  const mailbox = await openPort(head?.smtpPort ?? options.smtpPort, {
    onMail: async (mail) => (await engine.promise).takeMail(mail),
    onRefused: () => refused(),
  });
  try {
    const journal = await openRun(options, digest, task, head !== undefined, mailbox.port);
    const emulator = new PipelineEmulator(options, file, task, journal, mailbox, head !== undefined);
    refused = () => emulator.engine.countRefusedMail();
    await emulator.engine.createStreams(options.streams, options.variables);
    engine.resolve(emulator.engine);
    return emulator;
  } catch (error) {
    engine.reject(error);
    await mailbox.close();
    throw error;
  }
}

class PipelineEmulator implements Emulator {
  readonly smtpPort: number;
  readonly fromAddress = ADDRESS;
  readonly toAddress = ADDRESS;
  readonly workFolder: string;
  readonly resumed: boolean;
  readonly engine: PipelineEngine;
  readonly #model: PipelineModel;
  readonly #journal: OpenJournal;
  readonly #mailbox: Mailbox;

  constructor(
    options: EmulatorOptions,
    file: TaskFile,
    task: Task,
    journal: OpenJournal,
    mailbox: Mailbox,
    resumed: boolean,
  ) {
    this.smtpPort = mailbox.port;
    this.workFolder = join(options.folder, 'work');
    this.resumed = resumed;
    this.#journal = journal;
    this.#mailbox = mailbox;
    this.#model = new PipelineModel(file, task, journal.head.keyBase);
    for (const event of journal.events) this.#model.apply(event);
    const { simulated, maxJobs, substreams, pollMs, lostMs, clock } = options;
    this.engine = new PipelineEngine({
      model: this.#model,
      journal,
      settings: {
        workFolder: this.workFolder,
        fromAddress: this.fromAddress,
        toAddress: this.toAddress,
        ...(simulated === undefined ? {} : { simulated }),
      },
      maxJobs,
      substreams,
      pollMs,
      lostMs,
      clock,
    });
  }

  get onChange(): Event<undefined> {
    return this.engine.onChange;
  }

  snapshot(): PipelineSnapshot {
    return this.engine.snapshot();
  }

  trouble(): string | undefined {
    return this.engine.trouble;
  }

  async run(remote: JobControlRemote, signal: AbortSignal): Promise<PipelineSnapshot> {
    await this.engine.run(remote, signal);
    return this.snapshot();
  }

  cancel(keys?: readonly number[]): Promise<void> {
    return this.engine.cancel(keys ?? [...this.#model.latest()].map(({ key }) => key));
  }

  rollBack(keys?: readonly number[]): Promise<void> {
    return this.engine.rollBack(keys ?? failedInstances(this.#model).map(({ key }) => key));
  }

  async close(): Promise<void> {
    await this.#mailbox.close();
    await this.#journal.close();
  }
}

function readTask({ xml, task: name }: EmulatorOptions): { readonly file: TaskFile; readonly task: Task } {
  const { model: file, problems } = checkTaskXml(xml);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined || file === undefined) {
    throw new EmulatorError(
      `The task file cannot be run: line ${error?.line ?? 1}: ${error?.message ?? 'it is none'}`,
      'Mend it; desc-panda check lists all that is wrong',
    );
  }
  const task = name === undefined ? file.tasks[0] : file.tasks.find((candidate) => candidate.name === name);
  if (task !== undefined) return { file, task };
  const names = file.tasks.map((candidate) => candidate.name).join(', ');
  throw new EmulatorError(`The file has no task ${name ?? ''}`, `Name one of its tasks: ${names}`);
}

/** Variables that the task wants to be given. */
function checkPrerequisites({ name, prerequisites }: Task, variables: Variables): void {
  const missing = prerequisites
    .filter((wanted) => !Object.hasOwn(variables, wanted.name))
    .map((wanted) => wanted.name);
  if (missing.length === 0) return;
  throw new EmulatorError(
    `Task ${name} wants to be given ${missing.join(', ')} with each stream`,
    `Say --define "${missing.map((one) => `${one}=…`).join(',')}"`,
  );
}

async function runHead(folder: string) {
  try {
    return await readRunHead(folder);
  } catch (error) {
    throw asEmulatorError(error);
  }
}

async function openRun(
  { folder, clock }: EmulatorOptions,
  digest: string,
  task: Task,
  resume: boolean,
  smtpPort: number,
): Promise<OpenJournal> {
  try {
    if (resume) return await continueJournal(folder);
    const started = clock.now();
    // A daemon knows process instances by their keys, also those of other runs.
    const keyBase = started * 1000;
    return await beginJournal(folder, { format: 1, digest, task: task.name, keyBase, started, smtpPort });
  } catch (error) {
    throw asEmulatorError(error);
  }
}

function asEmulatorError(error: unknown): unknown {
  if (!(error instanceof JournalError)) return error;
  return new EmulatorError(error.message, 'Choose another folder, or remove this one');
}

async function openPort(
  port: number,
  handlers: Pick<Parameters<typeof openMailbox>[0], 'onMail' | 'onRefused'>,
): Promise<Mailbox> {
  try {
    return await openMailbox({ port, ...handlers });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new EmulatorError(
      `Mails cannot be taken at port ${port} (${code})`,
      'See whether the same run goes on elsewhere, or choose another port with --smtp-port',
    );
  }
}
