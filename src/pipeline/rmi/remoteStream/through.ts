import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';

/** What comes out of a transformation, which is made when somebody begins to read. */
export async function* through(
  source: AsyncIterable<Uint8Array>,
  make: () => Duplex,
): AsyncGenerator<Buffer, void, void> {
  const plain = Readable.from(source, { objectMode: false });
  const transformation = make();
  plain.on('error', (error) => transformation.destroy(error));
  try {
    for await (const piece of plain.pipe(transformation)) yield piece as Buffer;
  } finally {
    plain.destroy();
    transformation.destroy();
  }
}
