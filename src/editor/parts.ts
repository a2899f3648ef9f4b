import type * as vscode from 'vscode';
import type { SandboxControl } from '../sandbox/index.ts';
import type { EndNotices } from './notices/endNotices.ts';
import type { JobsView } from './jobs/jobsView.ts';
import type { FileLists } from './outputs/fileLists.ts';
import type { Profiles } from './profiles.ts';
import type { Sessions } from './session.ts';
import type { SettingsReader } from './settings.ts';
import type { ContextKeySetter } from './vscode/contextKeys.ts';
import type { ErrorReporter, RegisterCommand } from './vscode/errors.ts';

/** What the features share; made once in `extension.ts`. */
export interface Parts {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly errors: ErrorReporter;
  readonly register: RegisterCommand;
  readonly settings: SettingsReader;
  readonly contextKeys: ContextKeySetter;
  readonly profiles: Profiles;
  readonly sessions: Sessions;
  readonly fileLists: FileLists;
  readonly jobsView: JobsView;
  readonly endNotices: EndNotices;
  /** Controls the sandbox as the settings are now; loaded when first asked for. */
  readonly sandbox: () => Promise<SandboxControl>;
}
