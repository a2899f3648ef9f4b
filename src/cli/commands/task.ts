import { retryParameterProblem, PandaError, takesCommand } from '../../panda/index.ts';
import type { TaskCommand } from '../../panda/index.ts';
import { commandTask, forgetTask, resendTask, SubmissionError } from '../../watch/index.ts';
import type { TaskOrder } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { failureOf } from '../failure.ts';
import { noteTask } from '../submit/keepRecord.ts';
import type { Args } from '../options.ts';
import { cleanLine } from '../render/style.ts';
import { renderTaskDetails } from '../render/taskDetails.ts';
import { findTask } from '../tasks/facts.ts';
import { noteShape, taskDetailShape } from '../tasks/shapes.ts';
import { UsageError } from '../usageError.ts';

export const taskCommand: Command = {
  name: 'task',
  summary: 'Shows one task; kills, finishes, retries, pauses or resumes tasks',
  usage: [
    'task ID [options]',
    'task kill|finish|retry|pause|resume|reload-input ID... [options]',
    'task kill-unfinished-jobs|increase-attempts ID... [options]',
    'task resend|forget SUBMISSION [options]',
  ],
  options: [
    { name: 'yes', short: 'y', help: 'do not ask' },
    { name: 'soft', help: 'finish: let running jobs end first' },
    { name: 'by', value: 'N', help: 'increase-attempts: so many more (default 1)' },
    {
      name: 'set',
      value: 'NAME=VALUE',
      multiple: true,
      help: 'retry: with this parameter changed; the value is JSON or text, null takes it away',
    },
  ],
  examples: ['task 10000001', 'task retry 10000001 --set ramCount=4000', 'task kill 10000001 --yes'],
  async run(context) {
    const { args, connector } = context;
    const [word, ...words] = args.positionals;
    if (word === undefined) {
      throw new UsageError('desc-panda task needs the id of a task.', 'Find it with desc-panda tasks');
    }
    if (word === 'resend' || word === 'forget') {
      const [id, more] = words;
      if (id === undefined || more !== undefined) {
        throw new UsageError(
          `desc-panda task ${word} takes the id of one submission.`,
          'desc-panda tasks names those that it is for',
        );
      }
      const connection = await connector.connect();
      return word === 'resend' ? resend(context, connection, id) : forget(context, connection, id);
    }
    const order = readOrder(word, args);
    const [taskId = 0, ...others] = readTaskIds(order === undefined ? args.positionals : words);
    if (order !== undefined) return giveOrder(context, order, [taskId, ...others]);
    if (others.length > 0) {
      throw new UsageError('desc-panda task shows one task.', 'Call it once for each task');
    }
    return show(context, await connector.connect(), taskId);
  },
};

const COMMANDS: Readonly<Record<string, TaskCommand>> = {
  kill: 'kill',
  finish: 'finish',
  retry: 'retry',
  pause: 'pause',
  resume: 'resume',
  'reload-input': 'reloadInput',
  'kill-unfinished-jobs': 'killUnfinishedJobs',
  'increase-attempts': 'increaseAttempts',
};

/** Undefined where the word is none. */
function readOrder(word: string, args: Args): TaskOrder | undefined {
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  const changes = args.texts('set');
  const stray = [
    ['soft', args.flag('soft'), 'finish'],
    ['by', args.text('by') !== undefined, 'increaseAttempts'],
    ['set', changes.length > 0, 'retry'],
  ].find(([, given, owner]) => given === true && owner !== command);
  if (stray !== undefined) {
    throw new UsageError(`--${String(stray[0])} is not for this.`, 'See desc-panda task --help');
  }
  switch (command) {
    case undefined:
      return undefined;
    case 'finish':
      return { command, soft: args.flag('soft') };
    case 'increaseAttempts':
      return { command, increase: args.count('by', 1) ?? 1 };
    case 'retry':
    case 'retryWithNewParameters':
      return changes.length === 0
        ? { command: 'retry' }
        : { command: 'retryWithNewParameters', parameters: readChanges(changes) };
    default:
      return { command };
  }
}

function readChanges(texts: readonly string[]): Readonly<Record<string, unknown>> {
  const changes = Object.fromEntries(texts.map(readChange));
  const problem = retryParameterProblem(changes);
  if (problem !== undefined) throw new UsageError(`--set ${problem}.`, 'See desc-panda task --help');
  return changes;
}

function readChange(text: string): [name: string, value: unknown] {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--set ${text}: that is no NAME=VALUE.`, 'See desc-panda task --help');
  }
  try {
    return [name, JSON.parse(value) as unknown];
  } catch {
    return [name, value];
  }
}

function readTaskIds(words: readonly string[]): readonly number[] {
  if (words.length === 0) {
    throw new UsageError('The id of a task is missing.', 'Find it with desc-panda tasks');
  }
  const ids = words.map((word) => {
    const id = /^\d{1,16}$/u.test(word) ? Number(word) : 0;
    if (id > 0 && Number.isSafeInteger(id)) return id;
    throw new UsageError(
      `${word} is no id of a task: those are whole numbers.`,
      'Find it with desc-panda tasks',
    );
  });
  return [...new Set(ids)];
}

async function show({ io, out }: CommandContext, connection: Connection, taskId: number): Promise<ExitCode> {
  out.progress(`Asking for task ${taskId}…`);
  const facts = await findTask(connection.client, taskId, io.signal);
  out.progress('');
  if (facts === null) throw unknownTask(taskId, connection);
  out.result(taskDetailShape(facts));
  for (const line of renderTaskDetails(facts, out.style)) out.line(line);
  return EXIT.ok;
}

function unknownTask(taskId: number, { profile }: Connection): PandaError {
  return new PandaError({
    kind: 'notFound',
    tried: `find task ${taskId} at ${profile.server}`,
    cameBack: 'PanDA knows no task of this number, or not yet: new ones are taken up within minutes',
    advice: 'Look for it with desc-panda tasks, or choose another profile with --profile',
  });
}

/** What is asked before a command that takes work away. */
const QUESTIONS: Partial<Record<TaskCommand, string>> = {
  kill: 'Kill',
  finish: 'Finish with what is done',
  killUnfinishedJobs: 'Kill all unfinished jobs of',
};

interface Outcome {
  readonly taskId: number;
  readonly state: string | null;
  readonly result: 'taken' | 'refused' | 'notFound';
  readonly message: string;
}

async function giveOrder(
  { args, io, out, connector }: CommandContext,
  order: TaskOrder,
  taskIds: readonly number[],
): Promise<ExitCode> {
  const connection = await connector.connect();
  const states = new Map<number, string | null>();
  for (const taskId of taskIds) {
    states.set(taskId, await connection.client.tasks.getStatus(taskId, { signal: io.signal }));
  }
  const verb = QUESTIONS[order.command];
  const open = taskIds.filter((taskId) => takesCommand(states.get(taskId) ?? 'done', order.command));
  if (verb !== undefined && open.length > 0) {
    const question = `${verb} task${open.length === 1 ? '' : 's'} ${open.join(', ')}?`;
    if (!(await confirm(io, question, args.flag('yes')))) {
      out.note('Nothing was done.');
      return EXIT.refused;
    }
  }
  const outcomes: Outcome[] = [];
  for (const taskId of taskIds) {
    outcomes.push(await giveOne(taskId, states.get(taskId) ?? null, order, connection, io.signal));
  }
  out.result({ tasks: outcomes });
  for (const { taskId, result, message } of outcomes) {
    out.line(`${taskId}  ${result === 'taken' ? '' : 'not done: '}${cleanLine(message)}`);
  }
  const taken = outcomes.find(({ result }) => result === 'taken');
  if (taken !== undefined) out.note(`→ desc-panda task ${taken.taskId} shows what came of it, after minutes`);
  return outcomes.every(({ result }) => result === 'taken') ? EXIT.ok : EXIT.refused;
}

async function giveOne(
  taskId: number,
  state: string | null,
  order: TaskOrder,
  { client }: Connection,
  signal: AbortSignal,
): Promise<Outcome> {
  if (state === null) {
    return { taskId, state, result: 'notFound', message: 'PanDA knows no such task, or not yet' };
  }
  if (!takesCommand(state, order.command)) {
    return { taskId, state, result: 'refused', message: `a task that is ${state} does not take this` };
  }
  try {
    const { message } = await commandTask(taskId, order, client, signal);
    return { taskId, state, result: 'taken', message };
  } catch (error) {
    // An answer of the server: others of the list may fare better.
    const isAnswer = error instanceof PandaError && error.status === 200;
    if (!isAnswer && !(error instanceof SubmissionError)) throw error;
    const failure = failureOf(error);
    return { taskId, state, result: 'refused', message: `${failure.message} ${failure.advice}`.trim() };
  }
}

async function resend(context: CommandContext, { deps }: Connection, id: string): Promise<ExitCode> {
  const { io, out } = context;
  const note = await resendTask(id, deps, { signal: io.signal });
  await noteTask(context, note);
  out.result(noteShape(note));
  const { outcome } = note;
  if (outcome.kind === 'accepted') {
    out.line(`Submitted as task ${outcome.taskId}.`);
    return EXIT.ok;
  }
  out.note(`The task ${cleanLine(note.name)} may or may not exist.`);
  out.note('→ desc-panda tasks looks again');
  return EXIT.unknownOutcome;
}

async function forget({ out }: CommandContext, { deps }: Connection, id: string): Promise<ExitCode> {
  await forgetTask(id, deps);
  out.result({ forgotten: id });
  out.line(`The task of submission ${id} is not looked for any more. Nothing was sent or killed.`);
  return EXIT.ok;
}
