import type { DatacatConfig } from '../panda/index.ts';
import type { Step, Surroundings } from './check.ts';
import { sameAsServer } from './monitorSection.ts';
import { routeSteps } from './route.ts';
import { CA_IN_PROFILE } from './serverSection.ts';
import type { Subject } from './subject.ts';

/** The way to the data catalog; who one is there the Catalog view tells. */
export function datacatSteps(
  { profile, resolved }: Subject,
  { url: base }: DatacatConfig,
  surroundings: Surroundings,
): readonly Step[] {
  if (new URL(base).origin === new URL(profile.server).origin) return [sameAsServer];
  const hop = { url: `${base}/path.json/`, wantsData: true, mayAskWho: true };
  return routeSteps({ ...hop, profile, values: resolved.values, whereToNameIt: CA_IN_PROFILE }, surroundings);
}
