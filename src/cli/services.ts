import type { PandaClient, Profile } from '../panda/index.ts';
import type { SandboxControl, SandboxOptions } from '../sandbox/index.ts';
import type { Transformation } from '../transformations/index.ts';

/** The rooms behind the commands, made when they are first needed. */
export interface CliServices {
  /** Of this program, as in package.json. */
  readonly version: string;
  createClient(profile: Profile): PandaClient;
  createSandbox(options: SandboxOptions): Promise<SandboxControl>;
  transformations(): readonly Transformation[];
}
