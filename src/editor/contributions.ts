/** Every id that package.json and the code share. A test compares the two; a wrong id does not compile. */

export const EXTENSION_ID = 'lsst-desc.desc-panda';

export const VIEW_CONTAINER = 'descPanda';

export const views = {
  jobs: 'descPanda.jobs',
  sites: 'descPanda.sites',
  catalog: 'descPanda.catalog',
  pipeline: 'descPanda.pipeline',
} as const;

/** The type of the job panel's webview, for `onWebviewPanel` and its serializer. */
export const JOB_PANEL = 'descPanda.job';

/** The type of the webview with the summary of a catalog. */
export const SUMMARY_PANEL = 'descPanda.summary';

/** Languages of ours. */
export const languages = {
  catalog: 'phosim-catalog',
  commandFile: 'phosim-commands',
} as const;

/** The authentication provider. */
export const AUTHENTICATION = 'descPanda';

/** The custom editor for FITS files. */
export const FITS_EDITOR = 'descPanda.fits';

export const commands = {
  submit: 'descPanda.submit',
  submitToSandbox: 'descPanda.submitToSandbox',
  dryRun: 'descPanda.dryRun',
  showSummary: 'descPanda.showSummary',
  submitHere: 'descPanda.submitHere',
  submissions: 'descPanda.submissions',
  showSubmission: 'descPanda.showSubmission',
  submitAgain: 'descPanda.submitAgain',
  compareSubmissions: 'descPanda.compareSubmissions',
  hello: 'descPanda.hello',
  cancel: 'descPanda.cancel',
  resubmit: 'descPanda.resubmit',
  show: 'descPanda.show',
  openLog: 'descPanda.openLog',
  openOutputs: 'descPanda.openOutputs',
  downloadFile: 'descPanda.downloadFile',
  downloadFiles: 'descPanda.downloadFiles',
  copyFilePath: 'descPanda.copyFilePath',
  copyFileUrl: 'descPanda.copyFileUrl',
  copyPandaId: 'descPanda.copyPandaId',
  copyLink: 'descPanda.copyLink',
  openInMonitor: 'descPanda.openInMonitor',
  killTask: 'descPanda.killTask',
  finishTask: 'descPanda.finishTask',
  retryTask: 'descPanda.retryTask',
  retryTaskWith: 'descPanda.retryTaskWith',
  reloadTaskInput: 'descPanda.reloadTaskInput',
  killUnfinishedJobs: 'descPanda.killUnfinishedJobs',
  increaseAttempts: 'descPanda.increaseAttempts',
  pauseTask: 'descPanda.pauseTask',
  resumeTask: 'descPanda.resumeTask',
  showTaskParameters: 'descPanda.showTaskParameters',
  openTaskInMonitor: 'descPanda.openTaskInMonitor',
  showWorkflows: 'descPanda.showWorkflows',
  copyTaskId: 'descPanda.copyTaskId',
  copyTaskLink: 'descPanda.copyTaskLink',
  refresh: 'descPanda.refresh',
  filter: 'descPanda.filter',
  clearFilter: 'descPanda.clearFilter',
  groupBy: 'descPanda.groupBy',
  groupByState: 'descPanda.groupByState',
  groupBySubmission: 'descPanda.groupBySubmission',
  groupBySite: 'descPanda.groupBySite',
  groupByDay: 'descPanda.groupByDay',
  loadMore: 'descPanda.loadMore',
  showJobs: 'descPanda.showJobs',
  showSiteJobs: 'descPanda.showSiteJobs',
  showSiteFailures: 'descPanda.showSiteFailures',
  setDefaultSite: 'descPanda.setDefaultSite',
  switchProfile: 'descPanda.switchProfile',
  setStagingCredentials: 'descPanda.setStagingCredentials',
  forgetStagingCredentials: 'descPanda.forgetStagingCredentials',
  cleanStaging: 'descPanda.cleanStaging',
  signIn: 'descPanda.signIn',
  signOut: 'descPanda.signOut',
  switchAccount: 'descPanda.switchAccount',
  startSandbox: 'descPanda.startSandbox',
  stopSandbox: 'descPanda.stopSandbox',
  checkConnection: 'descPanda.checkConnection',
  catalogRefresh: 'descPanda.catalogRefresh',
  catalogLoadMore: 'descPanda.catalogLoadMore',
  catalogSearch: 'descPanda.catalogSearch',
  catalogClearSearch: 'descPanda.catalogClearSearch',
  catalogShow: 'descPanda.catalogShow',
  catalogCopyPath: 'descPanda.catalogCopyPath',
  catalogCopyLocation: 'descPanda.catalogCopyLocation',
  catalogUseAsInput: 'descPanda.catalogUseAsInput',
  catalogRegisterOutputs: 'descPanda.catalogRegisterOutputs',
  runInEmulator: 'descPanda.runInEmulator',
  stopPipelineRun: 'descPanda.stopPipelineRun',
  goOnPipelineRun: 'descPanda.goOnPipelineRun',
  removePipelineRun: 'descPanda.removePipelineRun',
  cancelInstances: 'descPanda.cancelInstances',
  rollBack: 'descPanda.rollBack',
  showInstanceJob: 'descPanda.showInstanceJob',
  copyInstanceKey: 'descPanda.copyInstanceKey',
  showPipelineMails: 'descPanda.showPipelineMails',
  loadMoreStreams: 'descPanda.loadMoreStreams',
  copyReport: 'descPanda.copyReport',
} as const;

export type CommandId = (typeof commands)[keyof typeof commands];

/** The argument of commands that act on jobs, whoever calls them: a row of the tree, the panel, a notification. */
export interface JobTarget {
  readonly pandaId: number;
}

export const SETTINGS_SECTION = 'descPanda';

/** Settings below `descPanda.` and the type of each value. */
export interface Settings {
  readonly profile: string;
  readonly profiles: Readonly<Record<string, unknown>>;
  readonly setupScript: string;
  readonly shareSignIn: boolean;
  readonly site: string;
  readonly notifyWhenDone: boolean;
  readonly sedFolder: string;
  readonly 'sandbox.dataFolder': string;
  readonly 'sandbox.port': number;
  readonly 'sandbox.slots': number;
  readonly 'sandbox.heartbeatSeconds': number;
  readonly 'pipeline.daemons': readonly string[];
}

/** The keys of `Settings`, as a list; the type makes sure that none is forgotten. */
export const settingKeys = Object.keys({
  profile: true,
  profiles: true,
  setupScript: true,
  shareSignIn: true,
  site: true,
  notifyWhenDone: true,
  sedFolder: true,
  'sandbox.dataFolder': true,
  'sandbox.port': true,
  'sandbox.slots': true,
  'sandbox.heartbeatSeconds': true,
  'pipeline.daemons': true,
} satisfies Record<keyof Settings, true>);

/** What the Jobs view shows; each but `jobs`, and `opening` which passes, has its own welcome text. */
export const jobsViewStates = [
  'opening',
  'restricted',
  'sandboxStopped',
  'unusable',
  'signedOut',
  'unreachable',
  'empty',
  'noMatch',
  'jobs',
] as const;

/** What the Catalog view shows; each but `entries`, and `opening` which passes, has its own welcome text. */
export const catalogViewStates = [
  'opening',
  'notConnected',
  'none',
  'signedOut',
  'trouble',
  'empty',
  'entries',
] as const;

export type CatalogViewState = (typeof catalogViewStates)[number];

export type JobsViewState = (typeof jobsViewStates)[number];

/** What the Sites view shows; each but `sites`, and `opening` which passes, has its own welcome text. */
export const sitesViewStates = [
  'opening',
  'restricted',
  'sandboxStopped',
  'unusable',
  'signedOut',
  'unreachable',
  'empty',
  'sites',
] as const;

export type SitesViewState = (typeof sitesViewStates)[number];

/** Context keys for `when` clauses, and the type of each value. */
export interface ContextKeys {
  readonly 'descPanda.jobsView': JobsViewState;
  readonly 'descPanda.catalogView': CatalogViewState;
  readonly 'descPanda.sitesView': SitesViewState;
  readonly 'descPanda.grouping': 'state' | 'submission' | 'site' | 'day';
  readonly 'descPanda.filtered': boolean;
  /** `none` where the profile is not the sandbox. */
  readonly 'descPanda.sandbox': 'running' | 'stopped' | 'none';
  /** `none` where the profile needs no sign-in. */
  readonly 'descPanda.signIn': 'signedIn' | 'signedOut' | 'none';
  /** Paths of open files that PanDA can run. */
  readonly 'descPanda.runnable': readonly string[];
}

/** The keys of `ContextKeys`, as a list. */
export const contextKeys = Object.keys({
  'descPanda.jobsView': true,
  'descPanda.catalogView': true,
  'descPanda.sitesView': true,
  'descPanda.grouping': true,
  'descPanda.filtered': true,
  'descPanda.sandbox': true,
  'descPanda.signIn': true,
  'descPanda.runnable': true,
} satisfies Record<keyof ContextKeys, true>);

/** What a row of a view is, as a word of its `contextValue`. */
const rowKinds = [
  'job',
  'group',
  'task',
  'more',
  'site',
  'file',
  'catalogContainer',
  'catalogDataset',
  'catalogSearch',
  'pipelineRun',
  'stream',
  'instance',
  'daemon',
  'heldTask',
  'heldStream',
  'heldJob',
] as const;

export type RowKind = (typeof rowKinds)[number];

/** Words of a row's `contextValue`; menus match them with `viewItem =~ /\bword\b/`. */
export const tokens = [
  ...rowKinds,
  'cancellable',
  'resubmittable',
  'log',
  'outputs',
  'files',
  'registrable',
  'monitor',
  'failures',
  'submission',
  'taskKill',
  'taskFinish',
  'taskRetry',
  'taskRetryWith',
  'taskReload',
  'taskKillUnfinished',
  'taskIncrease',
  'taskPause',
  'taskResume',
  'underWay',
  'stopped',
  'removable',
  'rollable',
  'pandaJob',
] as const;

export type Token = (typeof tokens)[number];

/** Schemes of our read-only documents. */
export const schemes = {
  /** The exact job of a submission, a connection report: text kept by this window. */
  text: 'desc-panda',
  /** Logs: `desc-panda-log:/<profile>/<PandaID> <file>.log`. */
  log: 'desc-panda-log',
  /** Files of jobs: `panda-files:/<profile>/<PandaID>/<name>`. */
  files: 'panda-files',
} as const;
