/** Java RMI without Java: object streams, the wire protocol, registry and leases. It knows nothing of PanDA. */
export { JavaThrowable } from './serial/javaThrowable.ts';
export type { JavaThrowableOptions, StackFrame } from './serial/javaThrowable.ts';
