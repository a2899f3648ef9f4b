import type { Recorded } from '../../../transcripts/recordings.ts';

/** Exchanges that the sandbox does not answer as recorded, and why. The first rule that fits tells the reason. */
const KNOWN: readonly (readonly [file: RegExp, name: RegExp, reason: string])[] = [
  [/^auth\.json$/u, /./u, 'not its part: a sandbox has one token of its own, and judges no others'],
  [/^system\.json$/u, /^get_attributes over https$/u, 'not its part: the environment of Apache and WSGI'],
  [
    /^legacy\.json$/u,
    /^(put_checkpoint|relay_idds_command)$/u,
    'not its part: what is left of the old paths',
  ],
  [
    /^file-server\.json$/u,
    /jedi_log|hpo_checkpoint/u,
    'not its part: logs of the task engine and check points',
  ],
  [/^metaconfig\.json$/u, /^get_banned_users$/u, 'not its part: a sandbox bans nobody'],
  [
    /^limits\.json$/u,
    /stats_by_site.* with thousands of jobs$/u,
    'better: counts of a real server are up to a minute old, the sandbox counts at once',
  ],
];

export function knownReason({ file, name }: Recorded): string | undefined {
  return KNOWN.find(([files, names]) => files.test(file) && names.test(name))?.[2];
}
