import type { JobRequest, Problem, SiteSpec } from '../../panda/index.ts';
import { SubmissionError } from './error.ts';

/** What a job asks of its site. */
export interface SiteDemand {
  readonly site: string | undefined;
  readonly cores: number;
  readonly memoryMB: number;
  readonly walltimeSeconds: number;
}

/** Gathers what jobs ask of sites, each thing once: thousands of jobs ask for the same. */
export function distinctDemands() {
  const demands = new Map<string, SiteDemand>();
  return {
    add({ site, resources }: Pick<JobRequest, 'site' | 'resources'>): void {
      const { cores, memoryMB, walltimeSeconds } = resources;
      demands.set(JSON.stringify([site ?? null, cores, memoryMB, walltimeSeconds]), {
        site,
        cores,
        memoryMB,
        walltimeSeconds,
      });
    },
    all: (): readonly SiteDemand[] => [...demands.values()],
  };
}

/** Throws a SubmissionError unless every site is there, online, and large enough for what is asked of it. */
export function checkSites(demands: readonly SiteDemand[], sites: readonly SiteSpec[]): void {
  const known = new Map(sites.map((site) => [site.name, site]));
  for (const name of new Set(demands.map((demand) => demand.site))) {
    if (name === undefined) throw noSite();
    const site = known.get(name);
    if (site === undefined) throw unknownSite(name, sites);
    if (site.status !== 'online') throw notOnline(site, sites);
  }
  const problems = new Map<string, Problem>();
  for (const demand of demands) {
    const site = known.get(demand.site ?? '');
    if (site === undefined) continue;
    for (const problem of tooMuch(demand, site)) problems.set(`${problem.where} ${problem.message}`, problem);
  }
  if (problems.size > 0) throw tooLarge([...problems.values()]);
}

/** Names like the one given, the likeliest first, at most three: told apart by case, a part, or a few letters. */
export function nearMatches(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  return names
    .map((candidate) => ({ candidate, distance: likeness(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(1, wanted.length / 3))
    .sort((one, other) => one.distance - other.distance || one.candidate.localeCompare(other.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function likeness(wanted: string, candidate: string): number {
  if (wanted === '' || candidate === '') return Infinity;
  const [short, long] = wanted.length < candidate.length ? [wanted, candidate] : [candidate, wanted];
  return short.length >= 3 && long.includes(short) ? 1 : editDistance(wanted, candidate);
}

/** Letters to change, add, leave out or swap with the next one. */
function editDistance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const replace = at(row, j - 1) + (same ? 0 : 1);
      const swap = swapped ? at(before, j - 2) + 1 : Infinity;
      next.push(Math.min(replace, swap, at(row, j) + 1, at(next, j - 1) + 1));
    }
    before = row;
    row = next;
  }
  return at(row, other.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

function noSite(): SubmissionError {
  return new SubmissionError(
    'No site was chosen, and the profile has no default site.',
    'Choose the site where the job is to run',
  );
}

function unknownSite(name: string, sites: readonly SiteSpec[]): SubmissionError {
  const near = nearMatches(
    name,
    sites.map((site) => site.name),
  );
  const online = sites.filter((site) => site.status === 'online').map((site) => site.name);
  const advice =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}`
      : online.length > 0
        ? `Choose one that is online: ${online.slice(0, 5).join(', ')}`
        : 'Ask who runs this PanDA which sites it has';
  return new SubmissionError(`There is no site ${name}.`, advice, { canForce: true });
}

function notOnline(site: SiteSpec, sites: readonly SiteSpec[]): SubmissionError {
  const online = sites.filter((other) => other.status === 'online').map((other) => other.name);
  const comment = site.comment === null || site.comment === '' ? '' : ` (${site.comment})`;
  const advice =
    online.length > 0
      ? `Choose one that is online: ${online.slice(0, 5).join(', ')}`
      : 'Wait until a site is online';
  return new SubmissionError(
    `Site ${site.name} is ${site.status}${comment}: a job sent there may never run.`,
    advice,
    { canForce: true },
  );
}

function tooMuch(demand: SiteDemand, site: SiteSpec): Problem[] {
  const limits: readonly (readonly [where: string, asked: number, limit: number | null, unit: string])[] = [
    ['cores', demand.cores, site.coreCount, ''],
    ['memory', demand.memoryMB, site.maxMemoryMB, ' MB'],
    ['walltime', demand.walltimeSeconds, site.maxTimeSeconds, ' s'],
  ];
  return limits.flatMap(([where, asked, limit, unit]) =>
    limit !== null && limit > 0 && asked > limit
      ? [{ where, message: `${asked}${unit} asked for, ${site.name} gives ${limit}${unit}` }]
      : [],
  );
}

function tooLarge(problems: readonly Problem[]): SubmissionError {
  const all = problems.map(({ where, message }) => `${where} ${message}`).join('; ');
  return new SubmissionError(
    `The site does not give what is asked for: ${all}.`,
    'Ask for less, or choose another site',
    { problems, canForce: true },
  );
}
