import { PandaError } from '../../panda/index.ts';
import { createPoller, formatRelative, formatTime, stateLook } from '../../watch/index.ts';
import type { Job } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { discoverJobs, refreshJobs, selectJobs } from './list.ts';
import type { JobSelection } from './list.ts';
import { renderJobTable } from '../render/jobTable.ts';
import { createRedraw } from '../render/redraw.ts';
import { cleanLine } from '../render/style.ts';
import { jobShape } from '../shapes.ts';

/** Changes that come together are shown together: ms. */
const TOGETHER = 100;

/** Shows a table that keeps itself true; where there is no terminal, one line for each change. Ends with Ctrl-C. */
export async function watchTable(
  { io, out }: CommandContext,
  connection: Connection,
  wanted: JobSelection,
): Promise<ExitCode> {
  // Title, sum, trouble and prompt need lines, too.
  const selection = { ...wanted, limit: Math.min(wanted.limit, Math.max(1, (out.height ?? Infinity) - 4)) };
  const { client, profile } = connection;
  const { clock, random, signal } = io;
  const store = await discoverJobs(connection, selection, clock.now(), signal);
  await refreshJobs(connection, store, selectJobs(store, selection).jobs, signal);
  const poller = createPoller({ client, store, profile, clock, random });
  const show = out.isTTY && !out.json ? drawTable : printChanges;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const view = show({
    print: out.raw,
    event: out.event,
    json: out.json,
    width: out.width,
    jobs: () => selectJobs(store, selection),
    now: () => clock.now(),
    table: (jobs, total) =>
      renderJobTable(jobs, total, { style: out.style, width: out.width, now: clock.now() }),
    trouble: () =>
      poller.status.kind === 'failing'
        ? `${cleanLine(poller.status.error.message)} Next try ${formatRelative(poller.status.nextTry, clock.now())}.`
        : undefined,
  });
  view();
  let pending = false;
  const update = (): void => {
    if (pending) return;
    pending = true;
    clock.after(TOGETHER, () => {
      pending = false;
      if (!signal.aborted) view();
    });
  };
  const stop = (): void => {
    resolve(undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  const subscriptions = [
    store.onDidChange(update),
    poller.onDidChangeStatus((status) => {
      update();
      if (status.kind === 'failing' && isHopeless(status.error)) reject(status.error);
    }),
  ];
  try {
    poller.start();
    if (!signal.aborted) await promise;
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
    signal.removeEventListener('abort', stop);
    poller.dispose();
  }
  return EXIT.interrupted;
}

interface View {
  readonly print: (text: string) => void;
  readonly event: (value: unknown) => void;
  readonly json: boolean;
  /** Columns of the terminal. */
  readonly width: number | undefined;
  readonly jobs: () => { readonly jobs: readonly Job[]; readonly total: number };
  readonly now: () => number;
  readonly table: (jobs: readonly Job[], total: number) => string[];
  /** What is wrong with the connection, in a sentence. */
  readonly trouble: () => string | undefined;
}

/** Trouble that waiting does not end. */
function isHopeless(error: Error): boolean {
  return error instanceof PandaError && (error.kind === 'unauthorised' || error.kind === 'rejected');
}

/** Draws the table over the one before. */
function drawTable({ print, width, jobs, table, trouble }: View): () => void {
  const { draw } = createRedraw(print, width);
  return () => {
    const { jobs: shown, total } = jobs();
    draw([...table(shown, total), trouble() ?? '']);
  };
}

/** One line, or one JSON object, for each job that is not as it was. */
function printChanges({ print, event, json, jobs, now }: View): () => void {
  const known = new Map<number, string>();
  return () => {
    for (const job of jobs().jobs.toReversed()) {
      const look = stateLook(job.state, job.cancelRequested);
      const facts = `${look.word} ${job.error ?? ''}`;
      if (known.get(job.pandaId) === facts) continue;
      known.set(job.pandaId, facts);
      if (json) event({ event: 'job', job: jobShape(job) });
      else {
        const time = formatTime(now()).slice(11, 19);
        const error = job.error === null ? '' : ` ${job.error}`;
        print(`${time}  ${cleanLine(`${look.glyph} ${look.word}${error}  ${job.pandaId} ${job.name}`)}\n`);
      }
    }
  };
}
