/** Bytes that come one piece after the other, to be read by somebody who may be slower or faster. */
export interface Pieces {
  push(bytes: Uint8Array): void;
  end(): void;
  read(): AsyncGenerator<Uint8Array>;
}

export function createPieces(): Pieces {
  const queue: Uint8Array[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const awaken = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push(bytes) {
      queue.push(bytes);
      awaken();
    },
    end() {
      ended = true;
      awaken();
    },
    async *read() {
      for (;;) {
        const piece = queue.shift();
        if (piece !== undefined) yield piece;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
