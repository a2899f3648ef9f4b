import type { Problem } from '../../panda/index.ts';
import type { Parameter, TransformationOptions } from '../api.ts';
import { ParameterReader, readSoftware, SOFTWARE_PARAMETERS } from '../parameters.ts';
import type { BpsValues } from './bpsYamlValues.ts';

/** What the science pipelines are to do, and with what. */
export interface DmChoices {
  readonly repository: string | undefined;
  readonly inputCollection: string | undefined;
  readonly outputCollection: string | undefined;
  readonly outputRun: string | undefined;
  readonly dataQuery: string | undefined;
  /** Labels of tasks or subsets, joined by commas. */
  readonly labels: string | undefined;
  /** `label:key=value`. */
  readonly config: readonly string[];
  readonly template: string | undefined;
  readonly product: string;
  /** `stand-in`, a release's directory at the site, or a file to be sourced. */
  readonly software: string;
  readonly image: string | undefined;
  readonly setup: string | undefined;
}

const text = (name: string, label: string, value: string, help: string): Parameter => ({
  name,
  label,
  value,
  help,
  kind: 'text',
});

export const DM_PARAMETERS: readonly Parameter[] = [
  text('repository', 'Repository', 'REPO', 'data repository at the site (butler), as of pipetask -b'),
  text('input-collection', 'Input collections', 'LIST', 'collections to read, as of pipetask -i'),
  text('output-collection', 'Output collection', 'NAME', 'collection to write, as of pipetask -o'),
  text('data-query', 'Data query', 'QUERY', 'data to process, as of pipetask -d'),
  text('labels', 'Tasks', 'LIST', 'labels of tasks or subsets to run, joined by commas (default: all)'),
  {
    ...text('config', 'Configuration', 'L:K=V', 'override of a task, label:key=value; may be repeated'),
    multiple: true,
    seldom: true,
  },
  {
    ...text(
      'template',
      'Command',
      'COMMAND',
      'command to run in place of pipetask, as “processEimage.py {repository} --id visit=1 --output {output-collection}”',
    ),
    seldom: true,
  },
  {
    ...text('product', 'Product', 'NAME', 'what is set up of the release (default: lsst_distrib)'),
    seldom: true,
  },
  ...SOFTWARE_PARAMETERS,
];

/** Where releases of the science pipelines lie on CVMFS. */
const CVMFS = '/cvmfs/sw.lsst.eu/almalinux-x86_64/lsst_distrib';

/** What was chosen; a BPS file says what was not. */
export function readDmChoices(
  options: TransformationOptions,
  bps: BpsValues | undefined,
): { readonly choices: DmChoices; readonly problems: readonly Problem[] } {
  const released = withRelease(options, bps?.lsstVersion ?? '');
  const reader = new ParameterReader(DM_PARAMETERS, released);
  const software = readSoftware(
    reader,
    released,
    'Where the science pipelines are at the site has to be said: the directory of a release, on CVMFS perhaps.',
  );
  const value = (name: string, ofBps: string | null | undefined): string | undefined =>
    reader.text(name) ?? ofBps ?? undefined;
  const isNamed = reader.text('output-collection') !== undefined;
  const choices = {
    repository: value('repository', bps?.butlerConfig),
    inputCollection: value('input-collection', bps?.inCollection),
    outputCollection: value('output-collection', bps?.output),
    outputRun: isNamed ? undefined : (bps?.outputRun ?? undefined),
    dataQuery: value('data-query', bps?.dataQuery),
    labels: reader.text('labels'),
    config: reader.all('config'),
    template: reader.text('template'),
    product: reader.text('product') ?? 'lsst_distrib',
    software,
    image: reader.text('image'),
    setup: reader.path('setup'),
  };
  checkForms(choices, reader);
  return { choices, problems: reader.problems };
}

/** The release that a BPS file names, unless something else is chosen. */
function withRelease(options: TransformationOptions, version: string): TransformationOptions {
  const { parameters = {}, sandbox } = options;
  if (parameters.software !== undefined || sandbox === true || !/^[\w.-]+$/u.test(version)) return options;
  return { ...options, parameters: { ...parameters, software: [`${CVMFS}/${version}`] } };
}

function checkForms({ labels, config, product, ...rest }: DmChoices, reader: ParameterReader): void {
  if (labels !== undefined && !/^[\w:.,-]+$/u.test(labels)) {
    reader.note('labels', `Not a list of labels: ${labels}`);
  }
  const wrong = config.find((one) => !/^[\w-]+:[^=\s]+=/u.test(one));
  if (wrong !== undefined) reader.note('config', `Not of the form label:key=value: ${wrong}`);
  if (!/^[\w.+-]+$/u.test(product)) reader.note('product', `Not the name of a product: ${product}`);
  if (rest.template !== undefined) return;
  if (rest.repository === undefined) reader.note('repository', 'The data repository has to be named.');
  if (rest.outputCollection === undefined && rest.outputRun === undefined) {
    reader.note('output-collection', 'The output collection has to be named.');
  }
  for (const [name, value] of [
    ['repository', rest.repository],
    ['input-collection', rest.inputCollection],
    ['output-collection', rest.outputCollection ?? rest.outputRun],
    ['data-query', rest.dataQuery],
  ] as const) {
    const variable = /\$\{\w+\}|\$\w+|<ENV:\w+>|(?<!\{)\{[A-Za-z_]\w*\}/u.exec(value ?? '')?.[0];
    if (variable === undefined) continue;
    reader.note(name, `It holds a variable, ${variable}, which nothing puts in: write out what is meant.`);
  }
}
