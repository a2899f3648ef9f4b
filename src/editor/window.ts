import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { registerCancel } from './commands/cancel.ts';
import { registerCheckConnection } from './commands/checkConnection.ts';
import { registerFileCommands } from './commands/fileCommands.ts';
import { registerJobCommands, registerShow } from './commands/jobCommands.ts';
import { registerProfileCommands } from './commands/profileCommands.ts';
import { registerSandboxCommands } from './commands/sandboxCommands.ts';
import { registerSiteCommands } from './commands/siteCommands.ts';
import { registerSubmitCommands } from './commands/submit.ts';
import { registerStagingCommands } from './commands/stagingCommands.ts';
import { registerViewCommands } from './commands/viewCommands.ts';
import { registerLogDocuments } from './documents/logDocuments.ts';
import { createTextDocuments } from './documents/textDocuments.ts';
import { registerFitsEditor } from './fits/fitsEditor.ts';
import { JobsView } from './jobs/jobsView.ts';
import type { CommandId } from './contributions.ts';
import { registerRecovery } from './notices/recovery.ts';
import { createEndNotices } from './notices/showEnds.ts';
import { registerLanguages } from './language/registerLanguages.ts';
import { createFileLists } from './outputs/fileLists.ts';
import { registerJobFileSystem } from './outputs/jobFileSystem.ts';
import { createJobPanels } from './panel/jobPanels.ts';
import type { Parts } from './parts.ts';
import { lazySandbox, userName } from './sandbox/lazySandbox.ts';
import { registerSandboxWatch } from './sandbox/sandboxWatch.ts';
import type { Sessions } from './session.ts';
import { createSessions } from './sessions.ts';
import { SitesView } from './sites/sitesView.ts';
import { registerProfileStatus } from './profileStatus.ts';
import { createProfiles, type Profiles } from './profiles.ts';
import { createStagingCredentials, sessionCredentials } from './staging/credentials.ts';
import { registerStatusBar } from './statusBar.ts';
import { registerSummary } from './summary/summaryPanels.ts';
import { createContextKeys } from './vscode/contextKeys.ts';
import { createCommandTable, createErrorReporter, type ErrorReporter } from './vscode/errors.ts';
import { onDidChangeSettings, settings } from './vscode/settings.ts';

/** Runs a command of ours; its errors are shown, not thrown. */
export type RunCommand = (id: CommandId, args: readonly unknown[]) => Promise<void>;

/**
 * Puts the extension together. The client, the sandbox and everything else of weight is loaded when it is first needed,
 * and nothing connects before a view is seen or a command asks for it.
 */
export function openWindow(context: vscode.ExtensionContext): RunCommand {
  const own = <T extends vscode.Disposable>(thing: T): T => {
    context.subscriptions.push(thing);
    return thing;
  };
  const log = own(vscode.window.createOutputChannel('PanDA', { log: true }));
  const errors = createErrorReporter(log);
  const contextKeys = createContextKeys();
  const sandbox = lazySandbox(settings, { path: context.extensionPath, version: version(context) });
  const profiles = createProfiles({
    settings,
    variables: process.env,
    user: userName(),
    home: homedir(),
    userId: process.getuid?.(),
  });
  const sessions = own(makeSessions(context, sandbox, profiles, errors));
  const fileLists = own(createFileLists(sessions));
  const jobsView = own(new JobsView({ sessions, fileLists, contextKeys, memory: context.workspaceState }));
  const sitesView = own(new SitesView(sessions));
  const endNotices = own(createEndNotices({ sessions, settings, memory: context.globalState, errors }));
  const documents = own(createTextDocuments());
  const { register, run } = createCommandTable(errors);
  const parts: Parts = {
    extension: context,
    log,
    errors,
    register,
    settings,
    contextKeys,
    profiles,
    sessions,
    fileLists,
    jobsView,
    endNotices,
    sandbox,
  };

  const panels = own(createJobPanels(parts));
  own(registerShow(parts, (pandaId) => panels.show(pandaId)));
  own(registerViewCommands(parts, sitesView));
  own(registerJobCommands(parts));
  own(registerSubmitCommands(parts, documents));
  own(registerCancel(parts));
  own(registerSiteCommands(parts, sitesView));
  own(registerProfileCommands(parts));
  own(registerStagingCommands(parts));
  own(registerSandboxCommands(parts));
  own(registerCheckConnection(parts, documents));
  own(registerLogDocuments(sessions));
  own(registerJobFileSystem(fileLists, sessions));
  own(registerFileCommands(parts));
  own(registerFitsEditor(parts));
  own(registerSummary(parts, own(registerLanguages(parts))));
  own(registerStatusBar(sessions));
  own(registerProfileStatus(sessions, profiles));
  own(registerRecovery(parts));
  own(registerSandboxWatch(parts));
  followWindow(own, sessions);
  return run;
}

function makeSessions(
  context: vscode.ExtensionContext,
  sandbox: Parts['sandbox'],
  profiles: Profiles,
  errors: ErrorReporter,
): Sessions {
  const credentials = createStagingCredentials(context.secrets);
  return createSessions({
    isTrusted: () => vscode.workspace.isTrusted,
    connect: async (request) => {
      const { connect } = await import('./connect.ts');
      return connect(
        {
          profile: (signal) => profiles.resolve(signal),
          sandbox,
          userName: userName(),
          stagingCredentials: (profile) => sessionCredentials(profile, credentials, errors.note),
          variables: process.env,
          userAgent: `desc-panda/${version(context)} vscode/${vscode.version}`,
        },
        request,
      );
    },
  });
}

function version({ extension }: vscode.ExtensionContext): string {
  const { version } = extension.packageJSON as { readonly version?: unknown };
  return String(version);
}

/** Trust, settings and focus of the window reach the session. */
function followWindow(own: (thing: vscode.Disposable) => unknown, sessions: Sessions): void {
  const reopen = (): void => {
    if (sessions.state.kind !== 'closed') void sessions.reopen();
  };
  own(vscode.workspace.onDidGrantWorkspaceTrust(reopen));
  own(onDidChangeSettings(['profile', 'profiles', 'setupScript', 'site', 'sandbox.dataFolder'], reopen));
  sessions.setFocused(vscode.window.state.focused);
  own(vscode.window.onDidChangeWindowState(({ focused }) => sessions.setFocused(focused)));
}
