/** A name of one file in a folder: nothing that leads elsewhere, hides, or that a file system would not take. */
export function isSafeName(name: string): boolean {
  return (
    Buffer.byteLength(name) <= 240 && /^[^./\\\u0000-\u001f\u007f][^/\\\u0000-\u001f\u007f]*$/u.test(name)
  );
}

const TYPES: readonly (readonly [suffix: string, type: string])[] = [
  ['.gz', 'application/gzip'],
  ['.tgz', 'application/gzip'],
  ['.json', 'application/json'],
  ['.stdout', 'text/plain; charset=utf-8'],
  ['.stderr', 'text/plain; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.log', 'text/plain; charset=utf-8'],
];

export function contentType(name: string): string {
  return TYPES.find(([suffix]) => name.endsWith(suffix))?.[1] ?? 'application/octet-stream';
}
