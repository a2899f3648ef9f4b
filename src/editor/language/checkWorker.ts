/** The thread that checks files: it may take as long as it likes, as nobody types in it. */
import { parentPort } from 'node:worker_threads';
import { checkFile } from './checkFile.ts';
import type { CheckerMessage, FromChecker } from './checkProtocol.ts';
import { createPieces, type Pieces } from './pieces.ts';

const port = parentPort;
if (port === null) throw new Error('This is a worker thread, not a program.');

interface Running {
  readonly stop: AbortController;
  readonly pieces: Pieces;
}

const running = new Map<number, Running>();

port.on('message', (message: CheckerMessage) => {
  const one = running.get(message.id);
  switch (message.type) {
    case 'check':
      void start(message);
      break;
    case 'piece':
      one?.pieces.push(message.bytes);
      break;
    case 'end':
      if (message.failed) one?.stop.abort();
      one?.pieces.end();
      break;
    case 'cancel':
      one?.stop.abort();
      one?.pieces.end();
      break;
  }
});

async function start({ id, request }: Extract<CheckerMessage, { type: 'check' }>): Promise<void> {
  const one: Running = { stop: new AbortController(), pieces: createPieces() };
  running.set(id, one);
  const answer = (message: FromChecker): void => port?.postMessage(message);
  try {
    const content = request.source === 'pieces' ? one.pieces.read() : undefined;
    answer({ type: 'checked', id, checked: await checkFile(request, content, one.stop.signal) });
  } catch (error) {
    answer({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(id);
  }
}
