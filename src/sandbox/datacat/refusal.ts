/** What the catalog answers in place of what was asked; becomes `{"message", "type", "cause"}`. */
export class CatalogRefusal extends Error {
  override readonly name = 'CatalogRefusal';
  readonly status: number;
  /** Simple name of the Java exception. */
  readonly type: string;
  readonly reason: string | undefined;
  /** Of what exists already. */
  readonly location: string | undefined;

  constructor(
    status: number,
    type: string,
    message: string,
    more: { reason?: string; location?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.reason = more.reason;
    this.location = more.location;
  }
}

export function badRequest(message: string, reason?: string): CatalogRefusal {
  return new CatalogRefusal(400, 'IllegalArgumentException', message, reason === undefined ? {} : { reason });
}

export function noSuchFile(path: string): CatalogRefusal {
  return new CatalogRefusal(404, 'NoSuchFileException', `File doesn't exist: ${path}`);
}
