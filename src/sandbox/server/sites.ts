import { RESOURCE_TYPES, type ResourceTypeSpec } from './rules/resourceTypes.ts';

/** A queue of the sandbox; memory and disk in MB, time in seconds. */
export interface SiteOptions {
  readonly name: string;
  readonly status: string;
  readonly comment: string;
  readonly cloud: string;
  readonly coreCount: number;
  readonly maxMemoryMB: number;
  readonly maxWorkDirMB: number;
  readonly maxTimeSeconds: number;
  /** Storage end point of outputs, as the pilot is told; empty for none. */
  readonly endPoint: string;
  /** Name of the centre, and of its storage, where they differ from the defaults. */
  readonly centre?: string;
  readonly storage?: string;
}

/** What the server says of a queue: 45 fields, as `get_site_specs` answers them. */
export type SiteRecord = Readonly<Record<string, unknown>> & {
  readonly sitename: string;
  readonly status: string;
  readonly cloud: string;
  readonly corepower: number;
};

export interface Sites {
  /** Every queue by name, with the copies per resource type that unified queues have. */
  readonly records: ReadonlyMap<string, SiteRecord>;
  has(name: string): boolean;
  get(name: string | null): SiteOptions | undefined;
  /** Queues alone, without the copies. */
  readonly queues: readonly SiteRecord[];
}

const CORE_POWER = 10;
const MEMORY_PER_CORE = 4000;

/** The queues a sandbox has of itself: one to use, one for test jobs, one that nobody serves. */
export function sandboxSites(machine: {
  readonly cores: number;
  readonly memoryMB: number;
}): readonly SiteOptions[] {
  const common = {
    cloud: 'LOCAL',
    coreCount: machine.cores,
    maxMemoryMB: machine.memoryMB,
    maxWorkDirMB: 20_000,
    maxTimeSeconds: 86_400,
    endPoint: '',
  };
  return [
    { ...common, name: 'SANDBOX', status: 'online', comment: 'this machine' },
    { ...common, name: 'SANDBOX-TEST', status: 'test', comment: 'this machine, for test jobs' },
    { ...common, name: 'SANDBOX-OFFLINE', status: 'offline', comment: 'nothing runs here' },
  ];
}

export function createSites(options: readonly SiteOptions[]): Sites {
  const byName = new Map(options.map((site) => [site.name, site]));
  const queues = options.map(describe);
  const copies = options.flatMap((site, index) =>
    RESOURCE_TYPES.map((type) => describeCopy(site, queues[index] ?? describe(site), type)),
  );
  return {
    queues,
    records: new Map([...queues, ...copies].map((record) => [record.sitename, record])),
    has: (name) => byName.has(name),
    get: (name) => (name === null ? undefined : byName.get(name)),
  };
}

export function corePowerOf(): number {
  return CORE_POWER;
}

function describe(site: SiteOptions): SiteRecord {
  return {
    sitename: site.name,
    nickname: site.name,
    dq2url: null,
    cloud: site.cloud,
    ddm: site.storage ?? site.endPoint,
    type: 'unified',
    releases: ['AUTO'],
    memory: MEMORY_PER_CORE,
    maxtime: site.maxTimeSeconds,
    status: site.status,
    setokens_output: { default: site.endPoint === '' ? {} : { DATADISK: site.endPoint } },
    defaulttoken: null,
    validatedreleases: [],
    maxinputsize: 20000,
    comment: site.comment,
    statusmodtime: null,
    pledgedCPU: 0,
    coreCount: site.coreCount,
    reliabilityLevel: null,
    iscvmfs: true,
    transferringlimit: 2000,
    maxwdir: site.maxWorkDirMB,
    fairsharePolicy: '',
    mintime: 0,
    allowfax: false,
    pandasite: site.centre ?? site.name,
    corepower: CORE_POWER,
    wnconnectivity: 'full#IPv4',
    catchall: 'allow_no_pilot',
    role: 'nucleus',
    pandasite_state: 'ACTIVE',
    maxrss: site.maxMemoryMB,
    minrss: 0,
    direct_access_lan: false,
    direct_access_wan: false,
    tier: 'T1',
    objectstores: [],
    is_unified: true,
    unified_name: null,
    jobseed: 'std',
    capability: 'ucore',
    workflow: 'pull_ups',
    maxDiskio: null,
    extra_queue_params: { unified_dispatch: true },
    space: null,
  };
}

/** A unified queue also appears once per resource type, cut to what jobs of the type may use. */
function describeCopy(site: SiteOptions, queue: SiteRecord, type: ResourceTypeSpec): SiteRecord {
  const cores = type.maxcore ?? site.coreCount;
  const perCore = type.maxrampercore;
  return {
    ...queue,
    sitename: `${site.name}/${type.name}`,
    coreCount: cores,
    maxrss: perCore === null ? (site.maxMemoryMB / site.coreCount) * cores : perCore * cores,
    minrss: type.minrampercore === 0 ? 0 : (type.minrampercore - 1) * cores + 1,
    is_unified: false,
    unified_name: site.name,
  };
}
