import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import type { OutStream } from './io.ts';

/** A stream of the process. Whoever reads it may go away: that is told once, and what follows is dropped. */
export function createOutStream(stream: WriteStream, onClosed: () => void): OutStream {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (closed) return;
    closed = true;
    if (error.code !== 'EPIPE') throw error;
    onClosed();
  });
  return {
    write(text) {
      if (!closed) stream.write(text);
    },
    async flush() {
      while (!closed && stream.writableNeedDrain) {
        await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => undefined);
      }
    },
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
}
