import type {
  HostMessage,
  LogName,
  PageMessage,
  PageState,
  SearchQuery,
} from '../src/editor/panel/messages.ts';
import { readPageState } from './pageState.ts';
import './vscodeApi.ts';

export interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly size: number;
}

export type Hits = Extract<HostMessage, { type: 'hits' }>;

/** The page's end of the line to its host. */
export interface Host {
  send(message: PageMessage): void;
  /** Rejects with an Error fit to show. */
  read(file: LogName, from: number, length: number): Promise<Piece>;
  /** Looks for lines; every message that comes goes to `onHits` until it says `done`. Returns how to stop it. */
  search(file: LogName, query: SearchQuery | 'firstError', onHits: (hits: Hits) => void): () => void;
  /** State kept over hiding and reloading of the page. */
  readonly kept: Partial<PageState>;
  keep(state: Partial<PageState>): void;
}

export function connectHost(
  onMessage: (message: Exclude<HostMessage, { type: 'piece' | 'refused' | 'hits' }>) => void,
): Host {
  const api = acquireVsCodeApi();
  const reads = new Map<number, { resolve: (piece: Piece) => void; reject: (error: Error) => void }>();
  const searches = new Map<number, (hits: Hits) => void>();
  let lastId = 0;
  let kept = readPageState(api.getState());
  const send = (message: PageMessage): void => api.postMessage(message);

  window.addEventListener('message', (event: MessageEvent<HostMessage>) => {
    const message = event.data;
    if (message.type === 'piece') {
      reads.get(message.id)?.resolve(message);
      reads.delete(message.id);
    } else if (message.type === 'refused') {
      reads.get(message.id)?.reject(new Error(message.message));
      reads.delete(message.id);
    } else if (message.type === 'hits') {
      searches.get(message.id)?.(message);
      if (message.done) searches.delete(message.id);
    } else {
      onMessage(message);
    }
  });

  return {
    send,
    read(file, from, length) {
      const id = (lastId += 1);
      send({ type: 'read', id, file, from, length });
      return new Promise((resolve, reject) => reads.set(id, { resolve, reject }));
    },
    search(file, query, onHits) {
      const id = (lastId += 1);
      searches.set(id, onHits);
      send(query === 'firstError' ? { type: 'firstError', id, file } : { type: 'search', id, file, query });
      return () => {
        if (searches.delete(id)) send({ type: 'stopSearch', id });
      };
    },
    get kept() {
      return kept;
    },
    keep(state) {
      kept = { ...kept, ...state };
      api.setState(kept);
    },
  };
}
