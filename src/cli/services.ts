import type { MonitorCache, PandaClient, Profile, SignIn, TokenSource } from '../panda/index.ts';
import type { SandboxControl, SandboxOptions } from '../sandbox/index.ts';
import type { Transformation } from '../transformations/index.ts';

/** The rooms behind the commands, made when they are first needed. */
export interface CliServices {
  /** Of this program, as in package.json. */
  readonly version: string;
  createClient(
    profile: Profile,
    tokens: TokenSource | undefined,
    monitorCache: MonitorCache | undefined,
  ): PandaClient;
  /** Undefined for a profile that proves otherwise who it is. */
  signIn(profile: Profile): SignIn | undefined;
  /** Shows a page in the user's browser; does not wait for it. */
  openLink(url: string): void;
  createSandbox(options: SandboxOptions): Promise<SandboxControl>;
  /** The program by which a job control service sends mails. */
  readonly courierProgram: string;
  transformations(): Promise<readonly Transformation[]>;
}
