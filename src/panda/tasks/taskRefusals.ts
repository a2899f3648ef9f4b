import { cleanText } from '../text/cleanText.ts';
import { refusal } from '../wire/envelope.ts';
import type { CallFacts, Envelope } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import { taskCommandRule } from './taskCommands.ts';
import type { TaskCommand } from './taskCommands.ts';

const NOT_YET =
  'Check the task id; where the task was submitted within the last minutes, the task engine has not taken it up yet: ' +
  'try again a little later';

/** The error for a command to a task that the server did not take. */
export function commandRefusal(envelope: Envelope, facts: CallFacts, command: TaskCommand): PandaError {
  const { message, data } = envelope;
  if (/jediTaskID=\d+ not found/.test(message)) {
    return taskError('notFound', facts, cleanText(message), NOT_YET);
  }
  // New parameters are merged into those of the task; of a task that is not known there are none.
  if (message.startsWith('new parameter conversion failed')) {
    return taskError('rejected', facts, cleanText(message), NOT_YET);
  }
  // The owner of a task that is not taken up is not known either.
  if (message.startsWith('not the task owner')) {
    return taskError(
      'unauthorised',
      facts,
      cleanText(message),
      `This is left to its owner and to the production role. ${NOT_YET}`,
    );
  }
  if (message.startsWith('Command rejected') || data === 4 || message.startsWith('command rejected since')) {
    return taskError('rejected', facts, cleanText(message), stateAdvice(command));
  }
  if (message.includes('is already queued for outDS=')) {
    const advice = 'Wait until the task engine has taken up the task of this name, and try again then';
    return taskError('rejected', facts, cleanText(message), advice);
  }
  if (message === 'failed to register command') {
    const advice = 'Try again in a moment; if it stays, tell the operators of the server';
    return taskError('rejected', facts, 'the server could not take the command down', advice);
  }
  return refusal(envelope, facts);
}

/** The error for a task that was not accepted, by the code that comes as data. */
export function submitRefusal(envelope: Envelope, facts: CallFacts): PandaError {
  const said = cleanText(envelope.message);
  switch (envelope.data) {
    case 4:
      return taskError(
        'rejected',
        facts,
        said,
        'Check that no parameter is missing or of the wrong kind; the server does not say which',
      );
    case 10:
      return taskError('rejected', facts, said, 'Wait until some of your tasks have ended');
    case 11:
      return taskError('rejected', facts, said, 'Check the name of the task that it is to follow');
    default:
      return refusal(envelope, facts);
  }
}

function stateAdvice(command: TaskCommand): string {
  const states = [...taskCommandRule(command).states];
  return states.length > 10
    ? 'Look at the state of the task: it has ended, or is about to'
    : `Wait until the task is ${states.slice(0, -1).join(', ')} or ${states.at(-1) ?? ''}`;
}

function taskError(kind: PandaError['kind'], facts: CallFacts, cameBack: string, advice: string): PandaError {
  return new PandaError({ kind, tried: facts.tried, cameBack, advice, status: 200 });
}
