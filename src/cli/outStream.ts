import type { WriteStream } from 'node:tty';
import type { OutStream } from './io.ts';

/** Why everything ends when nothing can be written any more: what there is to say of it is said. */
export class BrokenPipe extends Error {
  override readonly name = 'AbortError';
}

/** A stream of the process. Whoever reads it may go away, or a disk be full: that is told once, the rest is dropped. */
export function createOutStream(
  stream: WriteStream,
  onClosed: (error: NodeJS.ErrnoException) => void,
): OutStream {
  let closed = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  stream.on('drain', wake);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!closed) onClosed(error);
    closed = true;
    wake();
  });
  return {
    write(text) {
      if (!closed) stream.write(text);
    },
    async flush() {
      while (!closed && stream.writableNeedDrain) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    get isTTY() {
      return stream.isTTY;
    },
    // A terminal that was never told its size says 0.
    get columns() {
      return stream.columns > 0 ? stream.columns : undefined;
    },
    get rows() {
      return stream.rows > 0 ? stream.rows : undefined;
    },
  };
}
