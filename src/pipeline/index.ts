/** The SLAC pipeline: its mails and tasks, and the job control service that makes PanDA jobs of its jobs. */
export { parseDaemonConfig } from './daemon/config.ts';
export type { DaemonConfig, UserConfig } from './daemon/config.ts';
export { ConfigError } from './daemon/configReader.ts';
export { startDaemon } from './daemon/daemon.ts';
export type { Daemon, DaemonDeps } from './daemon/daemon.ts';
export type { PandaAccount, Tell } from './service/account.ts';
export { MailError } from './mail/keyLines.ts';
export { formatMailDate, parseMailDate } from './mail/mailDate.ts';
export { isMailAddress, mailMessage } from './mail/mailMessage.ts';
export type { MailEnvelope } from './mail/mailMessage.ts';
export { composeMail, formatSummary, parseMail, parseSummary } from './mail/pipelineMail.ts';
export type { EndMail, MailText, PipelineMail, StartMail, WantedSubstream } from './mail/pipelineMail.ts';
export { checkTaskXml } from './taskXml/checkTaskXml.ts';
export type { TaskXml } from './taskXml/checkTaskXml.ts';
export type * from './taskXml/model.ts';
export { taskXmlChecker } from './taskXml/taskXmlChecker.ts';
