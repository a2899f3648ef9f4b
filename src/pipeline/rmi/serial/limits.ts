/** How much one stream may ask for. Everything is checked before memory is taken for it. */
export interface StreamLimits {
  /** Bytes of the stream. */
  readonly bytes: number;
  /** Objects, strings, references, fields and pieces of block data, all together. */
  readonly items: number;
  /** Objects within objects. */
  readonly depth: number;
  /** Elements of one array. */
  readonly arrayLength: number;
}

export const DEFAULT_LIMITS: StreamLimits = {
  bytes: 16 * 1024 * 1024,
  items: 250_000,
  depth: 64,
  arrayLength: 16 * 1024 * 1024,
};

/** What a reader keeps to, and asks before it takes more; the functions throw to refuse. */
export interface StreamGuard {
  readonly limits: StreamLimits;
  /** Called with the name of each class that is not an array's; interfaces of proxies are none. */
  readonly checkClass?: ((name: string) => void) | undefined;
  /** Called with about how many bytes of memory are taken. */
  readonly charge?: ((bytes: number) => void) | undefined;
}

/** About what an item takes in memory. */
export const ITEM_MEMORY = 200;
