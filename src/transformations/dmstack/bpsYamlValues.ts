import { textOf, valueOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode, YamlPlace } from '../yamlTree.ts';
import { IncludeReader } from './bpsYamlIncludes.ts';
import type { BpsInclude, IncludeTrouble } from './bpsYamlIncludes.ts';
import { expandEnvironment } from './surroundings.ts';
import type { YamlSurroundings } from './surroundings.ts';

/** What BPS asks of a site for one job; null where the file does not say. */
export interface BpsResources {
  readonly memoryMB: number | null;
  readonly cores: number | null;
  readonly diskMB: number | null;
  readonly walltimeSeconds: number | null;
  readonly retries: number | null;
}

/** What a submit file says, variables put in; null where it does not say. */
export interface BpsValues {
  readonly pipelineYaml: string | null;
  readonly qgraphFile: string | null;
  readonly payloadName: string | null;
  readonly butlerConfig: string | null;
  readonly inCollection: string | null;
  readonly output: string | null;
  readonly outputRun: string | null;
  readonly dataQuery: string | null;
  readonly project: string | null;
  readonly campaign: string | null;
  readonly computeSite: string | null;
  readonly queue: string | null;
  readonly lsstVersion: string | null;
  readonly extraQgraphOptions: string | null;
  readonly resources: BpsResources;
  /** By the label of the task. */
  readonly tasks: ReadonlyMap<string, BpsResources>;
  readonly includes: readonly BpsInclude[];
  /** Variables that nothing defines although every include was read, or that lead in a circle. */
  readonly unknownVariables: readonly UnknownVariable[];
}

export interface UnknownVariable {
  readonly name: string;
  /** Where it stands in the file. */
  readonly at: YamlPlace;
  readonly loop: boolean;
}

/** Set by BPS itself, or by its defaults. */
const DEFINED_BY_BPS: ReadonlySet<string> = new Set(
  (
    'timestamp operator output outputRun payloadName uniqProcName submitPath qgraphFile qgraphNodeId qgraphId label ' +
    'tract patch band visit exposure detector physical_filter subfilter runInit butlerConfig bps_defined submit_path ' +
    'defaultPreCmdOpts qgraphPreCmdOpts initPreCmdOpts runPreCmdOpts finalPreCmdOpts wmsAttemptNum instrument ' +
    'fileDistributionEndPoint fileDistributionEndPointDefault jobName executionButlerDir inputQgraphFile'
  ).split(' '),
);

const DEEPEST = 10;
/** Characters of a value, and variables put into all of them: one may hold another many times. */
const LONGEST = 20_000;
const MOST_VARIABLES = 5000;

/** Reads a submit file that was detected as one, and tells what is wrong with the files that it includes. */
export function readBpsValues(
  root: YamlMap,
  surroundings: YamlSurroundings,
): { readonly values: BpsValues; readonly includeTroubles: readonly IncludeTrouble[] } {
  const included = new IncludeReader(surroundings);
  const files = [root, ...included.read(root)];
  const { includes, troubles: includeTroubles } = included;
  const reader = new Reader(
    files,
    surroundings,
    includes.every(({ isRead }) => isRead),
  );
  const text = (key: string): string | null => reader.text(key) ?? null;
  const labels = files.flatMap((file) => {
    const tasks = valueOf(file, 'pipetask');
    return tasks?.kind === 'map' ? tasks.entries.map(({ key }) => key) : [];
  });
  const values = {
    pipelineYaml: text('pipelineYaml'),
    qgraphFile: text('qgraphFile'),
    payloadName: text('payloadName'),
    butlerConfig: text('butlerConfig'),
    inCollection: text('inCollection'),
    output: text('output'),
    outputRun: text('outputRun'),
    dataQuery: text('dataQuery'),
    project: text('project'),
    campaign: text('campaign'),
    computeSite: text('computeSite'),
    queue: text('queue'),
    lsstVersion: text('LSST_VERSION'),
    extraQgraphOptions: text('extraQgraphOptions'),
    resources: reader.resources(undefined),
    tasks: new Map(labels.map((label) => [label, reader.resources(label)])),
  };
  return { values: { ...values, includes, unknownVariables: reader.unknown() }, includeTroubles };
}

class Reader {
  readonly #files: readonly YamlMap[];
  readonly #surroundings: YamlSurroundings;
  readonly #complete: boolean;
  readonly #unknown = new Map<string, UnknownVariable>();
  #variables = 0;

  constructor(files: readonly YamlMap[], surroundings: YamlSurroundings, complete: boolean) {
    this.#files = files;
    this.#surroundings = surroundings;
    this.#complete = complete;
  }

  unknown(): UnknownVariable[] {
    return [...this.#unknown.values()];
  }

  /** The value of a key with its variables, looked for in the sections as BPS does. */
  text(key: string, label?: string): string | undefined {
    const found = this.#find(key, label);
    const text = textOf(found?.node);
    if (found === undefined || text === undefined) return undefined;
    return this.#expand(text, [key], label, found.isOwn ? found.node : undefined);
  }

  resources(label: string | undefined): BpsResources {
    const number = (key: string): number | null => {
      const text = this.text(key, label)?.replaceAll('_', '') ?? '';
      return /^\d{1,15}$/u.test(text) ? Number(text) : null;
    };
    return {
      memoryMB: number('requestMemory'),
      cores: number('requestCpus'),
      diskMB: number('requestDisk'),
      walltimeSeconds: number('requestWalltime'),
      retries: number('numberOfRetries'),
    };
  }

  /** `isOwn`: it stands in the submit file, not in one that it includes. */
  #find(key: string, label: string | undefined): { node: YamlNode; isOwn: boolean } | undefined {
    const site = key === 'computeSite' ? undefined : textOf(this.#top('computeSite'));
    const cloud = key === 'computeCloud' ? undefined : textOf(this.#top('computeCloud'));
    const sections: readonly (readonly string[])[] = [
      ['payload'],
      ...(label === undefined ? [] : [['pipetask', label]]),
      ...(site === undefined ? [] : [['site', site]]),
      ...(cloud === undefined ? [] : [['cloud', cloud]]),
      [],
    ];
    for (const path of sections) {
      for (const [index, file] of this.#files.entries()) {
        const section = path.reduce<YamlNode | undefined>((node, name) => valueOf(node, name), file);
        const node = valueOf(section, key);
        if (node !== undefined) return { node, isOwn: index === 0 };
      }
    }
    return undefined;
  }

  #top(key: string): YamlNode | undefined {
    return this.#files.map((file) => valueOf(file, key)).find((node) => node !== undefined);
  }

  #expand(
    text: string,
    within: readonly string[],
    label: string | undefined,
    at: YamlPlace | undefined,
  ): string {
    const plain = expandEnvironment(text, this.#surroundings);
    if (plain.length > LONGEST) return plain;
    // Doubled braces stand for themselves, as in Python's format; ${…} was no variable of the environment.
    return plain.replaceAll(
      /\$\{\w+\}|\{\{|\}\}|\{([A-Za-z_]\w*)(?::[^{}]*)?\}/gu,
      (whole: string, name: string | undefined) => {
        if (name !== undefined) return this.#variable(name, within, label, at) ?? whole;
        return whole.startsWith('$') ? whole : whole.charAt(0);
      },
    );
  }

  #variable(
    name: string,
    within: readonly string[],
    label: string | undefined,
    at: YamlPlace | undefined,
  ): string | undefined {
    this.#variables += 1;
    if (this.#variables > MOST_VARIABLES) return undefined;
    if (within.includes(name) || within.length > DEEPEST) {
      if (at !== undefined) this.#unknown.set(name, { name, at, loop: true });
      return undefined;
    }
    const node = this.#find(name, label)?.node;
    const text = textOf(node);
    if (text !== undefined) return this.#expand(text, [...within, name], label, at).slice(0, LONGEST);
    if (at !== undefined && node === undefined && this.#complete && !DEFINED_BY_BPS.has(name)) {
      this.#unknown.set(name, { name, at, loop: false });
    }
    return undefined;
  }
}
