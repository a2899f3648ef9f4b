import type { CallHeader } from '../jrmp/calls.ts';
import type { Uid } from '../jrmp/ids.ts';
import type { RemoteMethod } from '../jrmp/methods.ts';
import type { ProtocolName } from '../jrmp/protocol.ts';
import type { Endpoint } from '../jrmp/remoteRef.ts';
import type { Content } from '../serial/model.ts';
import type { Direction } from './capture.ts';

export interface KnownMethod extends RemoteMethod {
  /** As in `JobControl`. */
  readonly of: string;
}

/** What a message is, by its kind. */
export type MessageBody =
  | { readonly kind: 'handshake'; readonly protocol: ProtocolName }
  | { readonly kind: 'acknowledgement' | 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'not supported' | 'ping' | 'ping acknowledgement' }
  | { readonly kind: 'confirmation'; readonly uid: Uid }
  | {
      readonly kind: 'call';
      readonly header: CallHeader;
      /** Undefined for methods that are not known. */
      readonly method: KnownMethod | undefined;
      readonly contents: readonly Content[];
      readonly sameBytes: boolean;
    }
  | {
      readonly kind: 'return';
      /** That of the call it answers, where that is known. */
      readonly method: KnownMethod | undefined;
      readonly exceptional: boolean;
      readonly uid: Uid;
      readonly contents: readonly Content[];
      readonly sameBytes: boolean;
    }
  /** What cannot be understood, up to the end of that direction: its first bytes, `MOST_UNKNOWN` at most. */
  | { readonly kind: 'unknown'; readonly problem: string; readonly bytes: Buffer };

export type DumpedMessage = MessageBody & {
  readonly direction: Direction;
  /** Of its first byte, in the bytes of that direction. */
  readonly offset: number;
  readonly length: number;
};

/** Bytes that are kept of what cannot be understood. */
export const MOST_UNKNOWN = 1024 * 1024;
