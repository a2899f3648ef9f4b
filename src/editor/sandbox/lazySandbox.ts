import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SandboxControl } from '../../sandbox/index.ts';
import type { SettingsReader } from '../settings.ts';
import { sandboxOptions } from './sandboxOptions.ts';

/** Where this program lies and which one it is. */
export interface Program {
  readonly path: string;
  readonly version: string;
}

/** The control of the sandbox that the settings describe at this moment; its code is loaded at the first call. */
export function lazySandbox(settings: SettingsReader, program: Program): () => Promise<SandboxControl> {
  return async () => {
    const { createSandboxControl, defaultDataHome } = await import('../../sandbox/index.ts');
    return createSandboxControl({
      options: sandboxOptions(settings, defaultDataHome(process.env, homedir())),
      // The editor's own program is a Node when it is told so.
      nodePath: process.execPath,
      mainEntry: join(program.path, 'dist', 'sandbox', 'main.js'),
      payloadFolder: join(program.path, 'dist', 'payloads'),
      version: program.version,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
  };
}

/** Whose jobs the sandbox's are. */
export function userName(): string {
  return userInfo().username;
}
