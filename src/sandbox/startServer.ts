import type { SandboxServer, SandboxServerOptions } from './server/server.ts';

/** Opens a sandbox's folder and answers, in this process and without a pilot. Rejects with `SandboxError`. */
export async function startSandboxServer(options: SandboxServerOptions): Promise<SandboxServer> {
  // Loaded here, so that whoever only looks for a sandbox needs no Node.js with SQLite.
  const server = await import('./server/server.ts');
  return server.startSandboxServer(options);
}
