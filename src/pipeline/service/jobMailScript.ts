import { shellJoin, shellQuote } from '../../panda/index.ts';

/** What a job needs to send its mails itself. */
export interface JobMails {
  readonly from: string;
  readonly to: string;
  /** Without angle brackets, as the daemon's mails for the same have them. */
  readonly startId: string;
  readonly endId: string;
}

/** What the mails say of the job; the rest is known when it runs. */
export interface MailedJob {
  readonly instance: string;
  readonly workDir: string;
  readonly logFile: string;
}

/** The longest that a node's mail program may take. */
const SENDMAIL_SECONDS = 120;

/**
 * Lines of a script for a POSIX shell that sends the start mail, runs the command, and sends the end mail with the
 * variables that the command left in `pipeline_summary`. What was handed over to the node's mail program is noted there as
 * `MailSent: start` or `end`; a node without one sends nothing, and the daemon does. Ends as the command did.
 */
export function mailedCommand(words: readonly string[], job: MailedJob, mails: JobMails): string {
  const { from, to, startId, endId } = mails;
  const headers = [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${job.instance}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Transfer-Encoding: 7bit',
  ];
  return `desc_panda_summary=$PIPELINE_WORKDIR/pipeline_summary
desc_panda_now() { LC_ALL=C date -u '+%a %b %d %H:%M:%S UTC %Y'; }
# A mail program that hangs must not hold the job.
desc_panda_within() { if command -v timeout > /dev/null; then timeout "$@"; else shift; "$@"; fi; }
# The text comes from standard input: desc_panda_mail KIND MESSAGE-ID
desc_panda_mail() {
  desc_panda_program=$(command -v sendmail || command -v /usr/sbin/sendmail || command -v /usr/lib/sendmail) || return 0
  { printf '%s\\n' ${shellJoin(headers)} "Message-ID: <$2>" ''; LC_ALL=C tr -cd '\\011\\012\\040-\\176' | cut -c 1-990; } |
    desc_panda_within ${SENDMAIL_SECONDS} "$desc_panda_program" -i -f ${shellQuote(from)} ${shellQuote(to)} > /dev/null 2>&1 || return 0
  printf 'MailSent: %s\\n' "$1" >> "$desc_panda_summary"
}
desc_panda_head() {
  printf '%s\\n' ${shellQuote(`ProcessInstance: ${job.instance}`)} "Host: $(uname -n)" "StartTime: $desc_panda_start" \\
    ${shellQuote(`WorkDir: ${job.workDir}`)} ${shellQuote(`LogFile: ${job.logFile}`)}
}
desc_panda_start=$(desc_panda_now)
desc_panda_began=$(date +%s)
{ desc_panda_head; echo 'Status: Started'; } | desc_panda_mail start ${shellQuote(startId)}
# The command is told to end, too; its mail is still to be sent.
trap 'desc_panda_told=yes' TERM INT HUP
${shellJoin(words)} &
desc_panda_command=$!
desc_panda_code=
# A signal ends a wait early, with a code of its own. Of a command that ended at that moment, the next wait may know
# nothing: 127, or -1 in some versions of bash.
while :; do
  desc_panda_told=
  wait "$desc_panda_command"
  desc_panda_waited=$?
  case $desc_panda_waited in
    127 | -1) : "\${desc_panda_code:=$desc_panda_waited}" ;;
    *) desc_panda_code=$desc_panda_waited ;;
  esac
  [ -n "$desc_panda_told" ] || break
done
{
  desc_panda_head
  grep '^Pipeline' "$desc_panda_summary" 2> /dev/null
  printf 'Elapsed: %s\\n' "$(($(date +%s) - desc_panda_began))"
  printf '%s\\n' "ExitCode: $desc_panda_code" "EndTime: $(desc_panda_now)" 'Status: Ended'
} | desc_panda_mail end ${shellQuote(endId)}
exit "$desc_panda_code"`;
}
