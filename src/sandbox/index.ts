/** A PanDA for this machine: server, pilot and store. Speaks only the wire protocol, so that any client can use it. */
export type * from './api.ts';
export { readConnection } from './connectionFile.ts';
export { SandboxError } from './controlError.ts';
export { sandboxLayout, type SandboxLayout } from './layout.ts';
export { defaultDataHome, SANDBOX_VO, sandboxProfile, sandboxStaging } from './profile.ts';
export type { SandboxServer, SandboxServerOptions } from './server/server.ts';
export { startSandboxServer } from './startServer.ts';
export { createSandboxControl, type SandboxControlParts } from './control.ts';
