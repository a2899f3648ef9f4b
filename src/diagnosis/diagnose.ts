import { inTurn, skippedCheck } from './check.ts';
import type { Check, Section, Step, Surroundings } from './check.ts';
import { cacheSteps } from './cacheSection.ts';
import { datacatSteps } from './datacatSection.ts';
import { eager } from './eager.ts';
import { identitySteps } from './identitySection.ts';
import { issuerChecks } from './issuerSection.ts';
import { monitorSteps } from './monitorSection.ts';
import { serverSteps, sitesSteps } from './serverSection.ts';
import { stagingSteps } from './stagingSection.ts';
import type { Subject } from './subject.ts';
import { submissionsSteps } from './submissionsSection.ts';

/**
 * Looks at everything between us and PanDA, hop by hop. All sections are begun at once, but what needs the server waits
 * until it is reached; their checks come as they are done.
 */
export function diagnose(subject: Subject, surroundings: Surroundings): readonly Section[] {
  const { profile } = subject;
  const { authentication, monitor, staging } = profile;
  const isReached = Promise.withResolvers<boolean>();
  const isAccepted = Promise.withResolvers<boolean>();
  const section = (name: string, title: string, checks: AsyncIterable<Check>): Section => ({
    name,
    title: surroundings.share(title),
    checks: eager(checks),
  });
  const steps = (name: string, title: string, ...own: readonly Step[]): Section =>
    section(name, title, inTurn(name, own, surroundings));
  const onceReached = (name: string, title: string, checks: AsyncIterable<Check, unknown>): Section =>
    section(name, title, after(isReached.promise, name, 'the server cannot be reached', checks));
  const onceAccepted = (name: string, title: string, own: readonly Step[]): Section => {
    const why = 'the server does not know who asks';
    return onceReached(name, title, after(isAccepted.promise, name, why, inTurn(name, own, surroundings)));
  };

  const server = inTurn('server', serverSteps(subject, surroundings), surroundings);
  const identity = identityChecks(subject, surroundings, isReached.promise);
  const monitors = monitorSteps(subject, surroundings);
  const monitorTitle = monitor === undefined ? 'Monitor' : `Monitor ${monitor}`;
  const store = staging === undefined ? '' : ` ${subject.stores.open(staging).describe()}`;
  return [
    section('server', `Server ${profile.server}`, telling(isReached.resolve, server)),
    section('identity', 'Identity', telling(isAccepted.resolve, identity)),
    ...(authentication.kind === 'oidc'
      ? [
          onceReached(
            'issuer',
            'Identity provider',
            issuerChecks(subject, authentication.origin, surroundings),
          ),
        ]
      : []),
    onceAccepted('sites', 'Sites', sitesSteps(subject)),
    isAtServer(subject, monitor)
      ? onceReached('monitor', monitorTitle, inTurn('monitor', monitors, surroundings))
      : steps('monitor', monitorTitle, ...monitors),
    onceAccepted('cache', `Cache ${profile.cache}`, cacheSteps(subject, surroundings)),
    steps('staging', `Staging${store}`, ...stagingSteps(subject, surroundings)),
    ...(profile.datacat === undefined
      ? []
      : [
          steps(
            'datacat',
            `Data catalog ${profile.datacat.url}`,
            ...datacatSteps(subject, profile.datacat, surroundings),
          ),
        ]),
    steps('submissions', 'Submissions of this machine', ...submissionsSteps(subject)),
  ];
}

/** What is held is looked at in any case; the server says what it thinks of it, where it is reached. */
async function* identityChecks(
  subject: Subject,
  surroundings: Surroundings,
  isReached: Promise<boolean>,
): AsyncGenerator<Check, boolean> {
  const { held, accepted } = identitySteps(subject, surroundings);
  const isHeld = yield* inTurn('identity', held, surroundings);
  if (!isHeld) {
    yield skippedCheck('identity', accepted.name, `${held[0].name} failed`);
    return false;
  }
  const asked = inTurn('identity', [accepted], surroundings);
  return yield* after(isReached, 'identity', 'the server cannot be reached', asked, accepted.name);
}

function isAtServer({ profile }: Subject, address: string | undefined): boolean {
  return address !== undefined && new URL(address).origin === new URL(profile.server).origin;
}

/** Takes the checks of a section once something is well, and skips them else; false where it or one of them is not. */
async function* after(
  isWell: Promise<boolean>,
  section: string,
  why: string,
  checks: AsyncIterable<Check, unknown>,
  name = 'all',
): AsyncGenerator<Check, boolean> {
  if (!(await isWell)) {
    yield skippedCheck(section, name, why);
    return false;
  }
  let isFine = true;
  for await (const check of checks) {
    if (check.state === 'failed') isFine = false;
    yield check;
  }
  return isFine;
}

/** Tells what came of checks, also where they are broken off. */
async function* telling(
  tell: (isWell: boolean) => void,
  checks: AsyncGenerator<Check, boolean>,
): AsyncGenerator<Check> {
  try {
    tell(yield* checks);
  } finally {
    tell(false);
  }
}
