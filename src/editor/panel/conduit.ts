import type { HostMessage } from './messages.ts';

/** Speaks to a page that may not be there yet, or not any more: a hidden page is thrown away, and comes back anew. */
export interface Conduit {
  /** Sends now, or when the page says it is ready: of messages that only tell how things stand, the latest of each type. */
  send(message: HostMessage): void;
  /** The page listens (again). */
  ready(): void;
  /** The page is gone; what is sent from now on waits. */
  gone(): void;
}

export function createConduit(post: (message: HostMessage) => void): Conduit {
  let open = false;
  const waiting = new Map<string, HostMessage>();
  return {
    send(message) {
      if (open) {
        post(message);
      } else if (!('id' in message)) {
        // An answer to a page that is gone has nobody to go to.
        waiting.delete(message.type);
        waiting.set(message.type, message);
      }
    },
    ready() {
      open = true;
      const messages = [...waiting.values()];
      waiting.clear();
      for (const message of messages) post(message);
    },
    gone() {
      open = false;
    },
  };
}
