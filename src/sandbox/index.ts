/** A PanDA for this machine: server, pilot and store. Speaks only the wire protocol, so that any client can use it. */
export type * from './api.ts';
