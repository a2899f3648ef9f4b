import assert from 'node:assert/strict';
import { JavaProgram } from './javaPrograms.ts';
import type { JavaPrograms } from './javaPrograms.ts';

/** What a Java program caught: the exception, then its causes. */
export type Thrown = readonly { readonly class: string; readonly message: string | null }[];

/** What a call came to: its result, or what was thrown. */
export type Outcome = { readonly ok: unknown } | { readonly thrown: Thrown };

/** A job as it is submitted: fields of Java's Job, `env.NAME` and `file.NAME`. */
export type JobWords = Readonly<Record<string, string | number>>;

/** A status as Java sees it; times are epoch milliseconds. */
export interface SeenStatus {
  readonly id: string;
  readonly status: string;
  readonly cpuUsed: number;
  readonly memoryUsed: number;
  readonly host: string | null;
  readonly queue: string | null;
  readonly user: string | null;
  readonly comment: string | null;
  readonly submitted: number | null;
  readonly started: number | null;
  readonly ended: number | null;
}

/** Thrown where the Java program caught an exception. */
export class JavaThrew extends Error {
  override readonly name = 'JavaThrew';
  readonly thrown: Thrown;

  constructor(thrown: Thrown) {
    super(thrown.map((one) => `${one.class}: ${one.message}`).join('; caused by '));
    this.thrown = thrown;
  }
}

/** A Java program that calls a job control service with the habits of the pipeline's own client. */
export class JavaPipeline {
  readonly #program: JavaProgram;

  /** `port`: of a registry on this machine. */
  constructor(programs: JavaPrograms, port: number, service: string) {
    this.#program = new JavaProgram(programs, 'interop.Pipeline', '127.0.0.1', String(port), service);
  }

  async outcome(...words: readonly string[]): Promise<Outcome> {
    const [line = ''] = await this.#program.ask(...words.map(encodeURIComponent));
    return JSON.parse(line) as Outcome;
  }

  /** Rejects with JavaThrew. */
  async call(...words: readonly string[]): Promise<unknown> {
    const outcome = await this.outcome(...words);
    if ('ok' in outcome) return outcome.ok;
    throw new JavaThrew(outcome.thrown);
  }

  async submit(job: JobWords): Promise<string> {
    return (await this.call('submit', ...jobWords(job))) as string;
  }

  async status(id: string): Promise<SeenStatus> {
    return (await this.call('status', id)) as SeenStatus;
  }

  /** The same by so many clients at once; `%n` in a word is a client's number. */
  async atOnce(clients: number, ...words: readonly string[]): Promise<readonly Outcome[]> {
    return (await this.call('parallel', String(clients), ...words)) as readonly Outcome[];
  }

  end(): Promise<void> {
    return this.#program.end();
  }
}

export function jobWords(job: JobWords): readonly string[] {
  return Object.entries(job).map(([key, value]) => `${key}=${value}`);
}

/** Fails unless a call ends in this exception. */
export async function throws(
  call: Promise<unknown>,
  className: string,
  message: string | RegExp,
): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof JavaThrew, String(error));
    const [first] = error.thrown;
    assert.equal(first?.class, className, error.message);
    if (typeof message === 'string') assert.equal(first.message, message);
    else assert.match(first.message ?? '', message);
    return true;
  });
}
