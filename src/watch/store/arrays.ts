interface NumberArray {
  readonly length: number;
  set(from: ArrayLike<number>): void;
}

/** The same numbers with room for twice as many. */
export function enlarge<T extends NumberArray & ArrayLike<number>>(
  array: T,
  kind: new (length: number) => T,
): T {
  const grown = new kind(array.length * 2);
  grown.set(array);
  return grown;
}
