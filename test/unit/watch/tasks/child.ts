/** Submits a task and kills itself at a moment: started by taskCrash.test.ts with server, token, folder and moment. */
import { createPandaClient } from '../../../../src/panda/index.ts';
import { createTaskJournal, submitTask, systemClock } from '../../../../src/watch/index.ts';
import type { TaskJournal } from '../../../../src/watch/index.ts';
import { TASK, sandboxProfileOf } from './taskWorld.ts';

const [url = '', token = '', folder = '', moment = ''] = process.argv.slice(2);
const profile = sandboxProfileOf(url, token);
const client = createPandaClient(profile);
const journal = createTaskJournal(folder, { clock: systemClock });

function dieAt(now: string): void {
  if (now === moment) process.kill(process.pid, 'SIGKILL');
}

const tasks: TaskJournal = {
  folder: journal.folder,
  begin: async (note) => {
    dieAt('uploaded');
    const begun = await journal.begin(note);
    dieAt('noted');
    return begun;
  },
  settle: (note, outcome) => {
    dieAt('answered');
    return journal.settle(note, outcome);
  },
  claim: (...args) => journal.claim(...args),
  discard: (note) => journal.discard(note),
  read: (...args) => journal.read(...args),
  list: (...args) => journal.list(...args),
  clear: (name) => journal.clear(name),
};
await submitTask(TASK, { client, profile, tasks, clock: systemClock, random: Math.random });
