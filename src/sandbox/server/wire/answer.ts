/** What a request is answered with. */
export type Answer =
  /** `{success, message, data}` with status 200: nearly everything, refusals too. */
  | { readonly kind: 'envelope'; readonly body: Envelope }
  /** A bare value, where a method does not use the envelope. */
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'text'; readonly status: number; readonly text: string };

export interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data: unknown;
}

export function succeeded(data: unknown = null, message = ''): Answer {
  return { kind: 'envelope', body: { success: true, message, data } };
}

export function refused(message: string, data: unknown = null): Answer {
  return { kind: 'envelope', body: { success: false, message, data } };
}

export function plainText(status: number, text: string): Answer {
  return { kind: 'text', status, text };
}
