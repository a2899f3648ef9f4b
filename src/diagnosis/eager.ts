/** Begins at once to take what comes, and hands it over in its order when it is asked for. */
export function eager<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  const ready: T[] = [];
  let over = false;
  let failure: unknown;
  let news = Promise.withResolvers<void>();
  const fill = async (): Promise<void> => {
    try {
      for await (const one of source) {
        ready.push(one);
        news.resolve();
      }
    } catch (error) {
      failure = error;
    } finally {
      over = true;
      news.resolve();
    }
  };
  void fill();
  return {
    async *[Symbol.asyncIterator]() {
      for (let next = 0; ;) {
        const one = ready[next];
        if (next < ready.length && one !== undefined) {
          next += 1;
          yield one;
        } else if (over) {
          if (failure !== undefined) throw failure as Error;
          return;
        } else {
          await news.promise;
          news = Promise.withResolvers<void>();
        }
      }
    },
  };
}
