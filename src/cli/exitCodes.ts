/** What the process ends with; documented in docs/cli.md. */
export const EXIT = {
  ok: 0,
  /** A job that was waited for ended otherwise than finished, or a file that was checked has errors. */
  jobFailed: 1,
  /** The command line, a file or a setting is wrong: nothing was asked of PanDA. */
  usage: 2,
  /** PanDA cannot be reached, does not know us, or what answered was not PanDA. */
  unreachable: 3,
  /** PanDA, or we in its place, said no: a site, a job, a right. */
  refused: 4,
  /** It is not known whether a job was taken. */
  unknownOutcome: 5,
  /** This machine: a full disk, a port in use, a sandbox that does not start. */
  local: 6,
  /** A fault of this program. */
  internal: 70,
  interrupted: 130,
  /** Who read our output went away, as `| head` does. */
  brokenPipe: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
