import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One recorded exchange with a real PanDA server. */
export interface Recorded {
  readonly file: string;
  readonly name: string;
  readonly request: RecordedRequest;
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: unknown;
  };
}

export interface RecordedRequest {
  readonly method: string;
  readonly scheme: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Who made it, where a client certificate said so. */
  readonly client_cert_dn?: string;
  /** Pairs of name and value; a text where the recording is abridged. */
  readonly query?: readonly (readonly [string, unknown])[] | string;
  /** A text where the recording is abridged. */
  readonly body?: unknown;
  readonly body_raw?: string;
  readonly body_form?: readonly (readonly [string, unknown])[];
  readonly body_multipart?: { readonly field: string; readonly filename: string; readonly bytes: number };
}

/** The arguments of a query as pairs; none where there is no query, or only a summary of it. */
export function queryPairs({ query }: RecordedRequest): readonly (readonly [string, unknown])[] {
  return query === undefined || typeof query === 'string' ? [] : query;
}

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/panda-transcripts');

/** Every recorded exchange, in the order of the recordings. */
export function recordings(): Recorded[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && file !== 'index.json')
    .sort()
    .flatMap((file) => {
      const exchanges = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Omit<Recorded, 'file'>[];
      return exchanges.map((exchange) => ({ ...exchange, file }));
    });
}
