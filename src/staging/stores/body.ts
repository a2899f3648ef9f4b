import type { FilePart, StagingBody } from '../api.ts';
import { StagingError } from '../errors.ts';

const PIECE = 256 * 1024;

export function bodyLength(body: StagingBody): number {
  return body instanceof Uint8Array ? body.length : body.length;
}

/** The bytes of a body, piece by piece, each its own. A file that ends too soon is `changed`. */
export async function* bodyPieces(body: StagingBody): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    if (body.length > 0) yield body;
    return;
  }
  yield* filePieces(body);
}

async function* filePieces({ handle, from, length, onRead }: FilePart): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    const wanted = Math.min(PIECE, length - done);
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, from + done);
    if (bytesRead === 0) {
      throw new StagingError({
        kind: 'changed',
        tried: 'send a file',
        cameBack: `it became shorter meanwhile: it ends at ${from + done} bytes`,
        advice: 'Send it again when nobody writes to it',
      });
    }
    done += bytesRead;
    onRead?.(bytesRead);
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
  }
}
