import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { makeGate, makeSignIns, registerSignIn } from './auth/windowSignIn.ts';
import type { SignIns } from './auth/signIns.ts';
import { registerCatalogCommands } from './catalog/catalogCommands.ts';
import { CatalogView } from './catalog/catalogView.ts';
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
import { createTextDocuments, type TextDocuments } from './documents/textDocuments.ts';
import { registerFitsEditor } from './fits/fitsEditor.ts';
import { JobsView } from './jobs/jobsView.ts';
import type { CommandId } from './contributions.ts';
import { registerRecovery } from './notices/recovery.ts';
import { createEndNotices } from './notices/showEnds.ts';
import { registerLanguages } from './language/registerLanguages.ts';
import { createFileLists } from './outputs/fileLists.ts';
import { registerJobFileSystem } from './outputs/jobFileSystem.ts';
import { createJobPanels } from './panel/jobPanels.ts';
import { registerPipeline } from './pipeline/registerPipeline.ts';
import type { Parts } from './parts.ts';
import { lazySandbox, userName } from './sandbox/lazySandbox.ts';
import { registerSandboxWatch } from './sandbox/sandboxWatch.ts';
import type { Session, Sessions } from './session.ts';
import { createSessions } from './sessions.ts';
import { SitesView } from './sites/sitesView.ts';
import { registerProfileStatus } from './profileStatus.ts';
import { createProfiles, type Profiles } from './profiles.ts';
import { createStagingCredentials, sessionCredentials } from './staging/credentials.ts';
import { registerTaskCommands } from './tasks/registerTaskCommands.ts';
import { registerStatusBar } from './statusBar.ts';
import { registerWorkflowCommands } from './workflows/registerWorkflowCommands.ts';
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
  const own: Own = (thing) => {
    context.subscriptions.push(thing);
    return thing;
  };
  const log = own(vscode.window.createOutputChannel('PanDA', { log: true }));
  const signIns = own(makeSignIns(context, userAgent(context)));
  const gate = own(makeGate(signIns, (error) => errors.note(error)));
  const errors: ErrorReporter = createErrorReporter(log, (error) => gate.takes(error, sessions.current));
  const contextKeys = createContextKeys();
  const sandbox = lazySandbox(settings, { path: context.extensionPath, version: version(context) });
  const profiles = createProfiles({
    settings,
    variables: process.env,
    user: userName(),
    home: homedir(),
    userId: process.getuid?.(),
  });
  const enter = (session: Session): Promise<boolean> => gate.enter(session);
  const sessions: Sessions = own(makeSessions(context, { sandbox, profiles, signIns, enter, errors }));
  const fileLists = own(createFileLists(sessions));
  const jobsView = own(new JobsView({ sessions, fileLists, contextKeys, memory: context.workspaceState }));
  const sitesView = own(new SitesView(sessions, contextKeys));
  const revealTask = (taskId: number): Promise<void> => jobsView.revealTask(taskId);
  const endNotices = own(
    createEndNotices({
      sessions,
      settings,
      memory: context.globalState,
      folder: join(context.globalStorageUri.fsPath, 'told'),
      errors,
      revealTask,
    }),
  );
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

  gate.watch(sessions);
  own(registerSignIn(parts, signIns, gate));
  own(registerProfileCommands(parts, signIns));
  own(registerProfileStatus({ sessions, profiles, signIns, contextKeys, note: errors.note }));
  registerFeatures(own, parts, { documents, sitesView });
  followWindow(own, sessions);
  return run;
}

type Own = <T extends vscode.Disposable>(thing: T) => T;

interface Views {
  readonly documents: TextDocuments;
  readonly sitesView: SitesView;
}

/** Everything that the parts are for. */
function registerFeatures(own: Own, parts: Parts, { documents, sitesView }: Views): void {
  const { sessions, fileLists } = parts;
  const panels = own(createJobPanels(parts));
  own(registerShow(parts, (pandaId) => panels.show(pandaId)));
  own(registerViewCommands(parts, sitesView));
  own(registerJobCommands(parts));
  own(registerSubmitCommands(parts, documents));
  own(registerCancel(parts));
  own(registerTaskCommands(parts, documents));
  own(registerWorkflowCommands(parts));
  own(registerSiteCommands(parts, sitesView));
  const catalogView = own(new CatalogView(sessions, parts.contextKeys));
  own(registerCatalogCommands(parts, catalogView, documents));
  own(registerStagingCommands(parts));
  own(registerSandboxCommands(parts));
  own(registerCheckConnection(parts, documents));
  own(registerLogDocuments(sessions));
  own(registerJobFileSystem(fileLists, sessions));
  own(registerFileCommands(parts));
  own(registerFitsEditor(parts));
  own(registerSummary(parts, own(registerLanguages(parts))));
  own(registerStatusBar(sessions));
  own(registerRecovery(parts));
  own(registerSandboxWatch(parts));
  own(registerPipeline(parts, documents));
}

interface SessionParts {
  readonly sandbox: Parts['sandbox'];
  readonly profiles: Profiles;
  readonly signIns: SignIns;
  readonly enter: (session: Session) => Promise<boolean>;
  readonly errors: ErrorReporter;
}

function makeSessions(
  context: vscode.ExtensionContext,
  { sandbox, profiles, signIns, enter, errors }: SessionParts,
): Sessions {
  const credentials = createStagingCredentials(context.secrets);
  return createSessions({
    enter,
    isTrusted: () => vscode.workspace.isTrusted,
    connect: async (request) => {
      const { connect } = await import('./connect.ts');
      return connect(
        {
          profile: (signal) => profiles.resolve(signal),
          signIn: (profile) => signIns.of(profile),
          onOtherPerson: () => signIns.changed(),
          sandbox,
          userName: userName(),
          stagingCredentials: (profile) => sessionCredentials(profile, credentials, errors.note),
          variables: process.env,
          userAgent: userAgent(context),
        },
        request,
      );
    },
  });
}

function userAgent(context: vscode.ExtensionContext): string {
  return `desc-panda/${version(context)} vscode/${vscode.version}`;
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
