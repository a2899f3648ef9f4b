/** An answer to a request by HTTP. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly etag?: string;
}

export function plainPage(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}

export function jsonPage(status: number, value: unknown): Page {
  return { status, type: 'application/json', text: `${JSON.stringify(value)}\n` };
}
