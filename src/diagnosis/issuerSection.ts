import { askDiscoveryUrl, askIssuer } from '../panda/index.ts';
import { failed, inTurn, ok, skippedCheck } from './check.ts';
import type { Check, Finding, Surroundings } from './check.ts';
import { routeSteps } from './route.ts';
import { CA_IN_PROFILE } from './serverSection.ts';
import type { Subject } from './subject.ts';

const NAME = 'issuer';

/** The way to the identity provider of a VO, which the server names. */
export async function* issuerChecks(
  { profile, resolved }: Subject,
  origin: string,
  surroundings: Surroundings,
): AsyncGenerator<Check> {
  let url = '';
  const options = { userAgent: surroundings.userAgent, signal: surroundings.signal };
  const configuration = {
    name: 'configuration',
    tried: `ask the server how to sign in for ${origin}`,
    run: async (signal: AbortSignal): Promise<Finding> => {
      url = await askDiscoveryUrl(profile, origin, { ...options, signal });
      return ok(`the identity provider is ${new URL(url).host}`);
    },
  };
  const isKnown = yield* inTurn(NAME, [configuration], surroundings);
  if (!isKnown) {
    yield skippedCheck(NAME, 'the way to it', 'it is not known where it is');
    return;
  }
  // Its certificate is checked, whatever the profile says of the server's.
  const checked = { ...profile, verifyHost: true, authentication: { kind: 'none' } as const };
  const route = {
    url,
    profile: checked,
    values: resolved.values,
    wantsData: true,
    whereToNameIt: CA_IN_PROFILE,
  };
  const offer = {
    name: 'sign-in',
    tried: 'ask how it signs in',
    run: async (signal: AbortSignal): Promise<Finding> => {
      const { issuer, offersCodes } = await askIssuer(profile, url, { ...options, signal });
      return offersCodes
        ? ok(`${issuer} signs in with a code`)
        : failed(`${issuer} offers no sign-in with a code`, 'Tell the operators of the PanDA server');
    },
  };
  yield* inTurn(NAME, [...routeSteps(route, surroundings), offer], surroundings);
}
