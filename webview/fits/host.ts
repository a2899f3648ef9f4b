import type { HostMessage, PageMessage, PageState, PlanePlace } from '../../src/editor/fits/messages.ts';
import '../vscodeApi.ts';
import { readPageState } from './pageState.ts';
import type { TilePlace } from './tiles.ts';

/** Values of a part of the image, the first row first. */
export interface Values {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** What comes without having been asked for. */
export type News = Exclude<HostMessage, { readonly id: number }>;

/** The page's end of the line to its host. */
export interface Host {
  send(message: Exclude<PageMessage, { readonly id: number }>): void;
  /** Both reject with an Error fit to show. */
  tile(place: PlanePlace, tile: TilePlace): Promise<Values>;
  pixel(place: PlanePlace, x: number, y: number): Promise<string>;
  /** State kept over hiding and reloading of the page. */
  readonly kept: Partial<PageState>;
  keep(state: Partial<PageState>): void;
}

type Answer = Extract<HostMessage, { readonly id: number }>;

export function connectHost(onNews: (news: News) => void): Host {
  const api = acquireVsCodeApi();
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  let kept = readPageState(api.getState());

  window.addEventListener('message', ({ data }: MessageEvent<HostMessage>) => {
    if (!('id' in data)) {
      onNews(data);
      return;
    }
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });

  const ask = (question: (id: number) => PageMessage): Promise<Answer> => {
    const id = (lastId += 1);
    return new Promise((resolve, reject) => {
      waiting.set(id, (answer) => {
        if (answer.type === 'refused') reject(new Error(answer.message));
        else resolve(answer);
      });
      api.postMessage(question(id));
    });
  };

  return {
    send: (message) => api.postMessage(message),
    async tile(place, { level, column, row }) {
      const answer = await ask((id) => ({ type: 'tile', id, place, level, column, row }));
      if (answer.type !== 'tile') throw new Error('another answer came than was asked for');
      return { width: answer.width, height: answer.height, values: floats(answer.bytes) };
    },
    async pixel(place, x, y) {
      const answer = await ask((id) => ({ type: 'pixel', id, place, x, y }));
      return answer.type === 'pixel' ? answer.text : '';
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

/** The bytes may begin anywhere in what the editor sent. */
export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}
