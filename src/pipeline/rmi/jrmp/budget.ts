import { SerialError } from '../serial/errors.ts';

/** Memory that messages being read and served may take together; small ones are always taken. */
export interface MemoryBudget {
  /** A share for one message after the other. */
  share(): MemoryShare;
}

export interface MemoryShare {
  /** Throws SerialError of kind `limit` where there is no more. */
  charge(bytes: number): void;
  /** Gives back what was taken. */
  release(): void;
}

/** `free`: bytes that each message has of its own, so that a few large ones keep nobody from small ones. */
export function createMemoryBudget(bytes: number, free: number): MemoryBudget {
  let left = bytes;
  return {
    share() {
      let taken = 0;
      let ownLeft = free;
      return {
        charge(more) {
          const own = Math.min(ownLeft, more);
          ownLeft -= own;
          const shared = more - own;
          if (shared > left)
            throw new SerialError('limit', 'more large messages at a time than there is memory for');
          left -= shared;
          taken += shared;
        },
        release() {
          left += taken;
          taken = 0;
          ownLeft = free;
        },
      };
    },
  };
}
