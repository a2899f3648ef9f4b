/** Bytes of a known number that can be read from anywhere. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** Bytes `[from, from+length)`; fewer where the file ends. */
  read(from: number, length: number): Promise<Uint8Array>;
}

export function memoryBytes(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (from, length) => Promise.resolve(bytes.subarray(from, from + length)) };
}
