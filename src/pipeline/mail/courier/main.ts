/**
 * Sends the daemon's mails one after another, in a process of its own, so that a daemon which is killed leaves no mail in
 * doubt: the one under way is brought to its end and noted, then this process ends. It is told all on its standard input, a
 * JSON object a line: `CourierOrder`, then mails (`OutgoingMail`). It answers in the same way: that it is ready, then each
 * mail's `DeliveryResult`.
 */
import { createInterface } from 'node:readline';
import { createSmtp } from '../smtp.ts';
import type { CourierOrder, CourierReady } from './courier.ts';
import { deliver } from './deliver.ts';
import type { DeliveryResult, OutgoingMail } from './deliver.ts';
import { openNotes } from './notes.ts';
import type { CourierNotes } from './notes.ts';

/** How long (ms) to wait for one before us, which ends as its daemon is gone. */
const PATIENCE = 5000;

const say = (answer: CourierReady | DeliveryResult): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
};
// The daemon may be gone: what happened is in the notes.
process.stdout.on('error', () => undefined);
// It is the daemon that says when this one ends, also where a whole group of processes is told to.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Undefined at the end, and for half a line of a daemon that was killed while it wrote. */
async function next(): Promise<unknown> {
  const line = await lines.next();
  if (line.done === true) return undefined;
  try {
    return JSON.parse(line.value);
  } catch {
    return undefined;
  }
}

function notesOf({ notesFile }: CourierOrder): CourierNotes | undefined {
  try {
    const notes = openNotes(notesFile, PATIENCE);
    if (notes === undefined) say({ problem: `another process has ${notesFile}` });
    return notes;
  } catch (error) {
    say({ problem: `${notesFile}: ${error instanceof Error ? error.message : String(error)}` });
    return undefined;
  }
}

const order = (await next()) as CourierOrder | undefined;
const notes = order === undefined ? undefined : notesOf(order);
if (order !== undefined && notes !== undefined) {
  const smtp = createSmtp(order.smtp);
  say({});
  for (let mail = await next(); mail !== undefined; mail = await next()) {
    say(await deliver(mail as OutgoingMail, smtp, notes, Date.now));
  }
  notes.close();
}
