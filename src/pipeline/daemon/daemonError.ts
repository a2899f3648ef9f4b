/** A daemon that cannot begin, for a reason of its machine: says why and what to do. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  /** What the operator can do, as an imperative sentence without a full stop. */
  readonly advice: string;

  constructor(message: string, advice: string, cause: unknown) {
    super(message, { cause });
    this.advice = advice;
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'End what listens there, or choose another port',
  EADDRNOTAVAIL: 'Name an address of this machine as rmi.host',
  EACCES: 'Give the user of the daemon the right to do so',
  ENOSPC: 'Free some space',
};

/** Gives errors of the system and of the journal their place; others stay as they are. */
export async function orDaemonError<T>(tried: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'JournalInUse') {
      throw new DaemonError(
        `Could not ${tried}: ${error.message}.`,
        'End that, or choose another state folder',
        error,
      );
    }
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const advice = ADVICE[String(error.code)] ?? 'Look at the configuration, and start again';
    throw new DaemonError(`Could not ${tried}: ${error.message}.`, advice, error);
  }
}
