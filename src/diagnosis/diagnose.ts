import { inTurn, skippedCheck } from './check.ts';
import type { Check, Section, Step, Surroundings } from './check.ts';
import { cacheSteps } from './cacheSection.ts';
import { eager } from './eager.ts';
import { identitySteps } from './identitySection.ts';
import { issuerChecks } from './issuerSection.ts';
import { monitorSteps } from './monitorSection.ts';
import { serverSteps } from './serverSection.ts';
import { stagingSteps } from './stagingSection.ts';
import type { Subject } from './subject.ts';
import { submissionsSteps } from './submissionsSection.ts';

/**
 * Looks at everything between us and PanDA, hop by hop. All sections are begun at once, but what needs the server waits
 * until it is reached; their checks come as they are done.
 */
export function diagnose(subject: Subject, surroundings: Surroundings): readonly Section[] {
  const { authentication, cache, monitor, server, staging } = subject.profile;
  const reached = Promise.withResolvers<boolean>();
  const atServer = async function* (name: string, checks: AsyncIterable<Check>): AsyncGenerator<Check> {
    if (await reached.promise) yield* checks;
    else yield skippedCheck(name, 'all', 'the server cannot be reached');
  };
  const section = (name: string, title: string, checks: AsyncIterable<Check>): Section => ({
    name,
    title: surroundings.share(title),
    checks: eager(checks),
  });
  const later = (name: string, title: string, steps: readonly Step[]): Section =>
    section(name, title, atServer(name, inTurn(name, steps, surroundings)));
  const atOnce = (name: string, title: string, steps: readonly Step[]): Section =>
    section(name, title, inTurn(name, steps, surroundings));

  const isMonitorAtServer = monitor !== undefined && new URL(monitor).origin === new URL(server).origin;
  const monitorTitle = monitor === undefined ? 'Monitor' : `Monitor ${monitor}`;
  const store = staging === undefined ? '' : ` ${subject.stores.open(staging).describe()}`;
  return [
    section('server', `Server ${server}`, serverChecks(subject, surroundings, reached.resolve)),
    later('identity', 'Identity', identitySteps(subject, surroundings)),
    ...(authentication.kind === 'oidc'
      ? [
          section(
            'issuer',
            'Identity provider',
            atServer('issuer', issuerChecks(subject, authentication.origin, surroundings)),
          ),
        ]
      : []),
    (isMonitorAtServer ? later : atOnce)('monitor', monitorTitle, monitorSteps(subject, surroundings)),
    later('cache', `Cache ${cache}`, cacheSteps(subject, surroundings)),
    atOnce('staging', `Staging${store}`, stagingSteps(subject, surroundings)),
    atOnce('submissions', 'Submissions of this machine', submissionsSteps(subject)),
  ];
}

/** Tells whether the server is reached, also where it is never known. */
async function* serverChecks(
  subject: Subject,
  surroundings: Surroundings,
  tell: (isReached: boolean) => void,
): AsyncGenerator<Check> {
  try {
    tell(yield* inTurn('server', serverSteps(subject, surroundings), surroundings));
  } finally {
    tell(false);
  }
}
