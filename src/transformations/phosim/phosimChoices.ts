import type { Problem } from '../../panda/index.ts';
import type { Parameter, TransformationOptions } from '../api.ts';
import { ParameterReader, readSoftware, SOFTWARE_PARAMETERS } from '../parameters.ts';
import { parseSensors, PSEUDO_SENSOR } from './focalPlane.ts';

/** What phoSim is to make, and with what. */
export interface PhosimChoices {
  /** Names of the sensors of each job. */
  readonly groups: readonly (readonly string[])[];
  readonly e2adc: boolean;
  readonly threads: number;
  readonly processes: number;
  readonly instrument: string;
  /** `stand-in`, or phoSim's directory at the site. */
  readonly software: string;
  readonly image: string | undefined;
  readonly setup: string | undefined;
  readonly sed: string | undefined;
}

export const PHOSIM_PARAMETERS: readonly Parameter[] = [
  {
    name: 'sensor',
    label: 'Sensors',
    value: 'LIST',
    help: 'sensors as R22_S11, rafts as R22, detector numbers as 90..98, or all (default: R22_S11, the centre)',
    kind: 'text',
    multiple: true,
  },
  {
    name: 'group',
    label: 'One job for',
    value: 'WHAT',
    help: 'one job for each sensor (the default), for each raft, or for all of them',
    kind: 'choice',
    choices: ['sensor', 'raft', 'all'],
    seldom: true,
  },
  {
    name: 'command',
    label: 'Command file',
    value: 'FILE',
    help: 'physics override file',
    kind: 'file',
  },
  {
    name: 'e2adc',
    label: 'Amplifier files',
    value: 'N',
    help: '1 to make amplifier files too (the default), 0 to make none',
    kind: 'choice',
    choices: ['0', '1'],
  },
  {
    name: 'threads',
    label: 'Threads',
    value: 'N',
    help: 'threads for one sensor; release 3.6 and later',
    kind: 'count',
    seldom: true,
  },
  {
    name: 'processes',
    label: 'Processes',
    value: 'N',
    help: 'sensors worked on at the same time, where a job has several',
    kind: 'count',
    seldom: true,
  },
  {
    name: 'instrument',
    label: 'Instrument',
    value: 'NAME',
    help: 'the instrument as phoSim calls it (default: lsst)',
    kind: 'text',
    seldom: true,
  },
  {
    name: 'sed',
    label: 'Spectra',
    value: 'PATH',
    help: 'directory of the spectra at the site',
    kind: 'text',
    seldom: true,
  },
  ...SOFTWARE_PARAMETERS,
];

const CENTRE = 'R22_S11';

export function readPhosimChoices(options: TransformationOptions): {
  readonly choices: PhosimChoices;
  readonly problems: readonly Problem[];
} {
  const reader = new ParameterReader(PHOSIM_PARAMETERS, options);
  const software = readSoftware(
    reader,
    options,
    'Where phoSim is at the site has to be said: its directory, on CVMFS perhaps.',
  );
  const instrument = reader.text('instrument') ?? 'lsst';
  if (!/^[A-Za-z0-9_-]{1,40}$/u.test(instrument)) {
    reader.note('instrument', `Not the name of an instrument: ${instrument}`);
  }
  const choices = {
    groups: groupSensors(readSensors(reader), reader.text('group')),
    e2adc: reader.text('e2adc') !== '0',
    threads: reader.count('threads', 1),
    processes: reader.count('processes', 1),
    instrument,
    software,
    image: reader.text('image'),
    setup: reader.path('setup'),
    sed: reader.path('sed'),
  };
  return { choices, problems: reader.problems };
}

function readSensors(reader: ParameterReader): readonly string[] {
  const words = reader.all('sensor');
  if (words.length === 0) return [CENTRE];
  const list = words.join(',');
  if (list.trim() === PSEUDO_SENSOR) return [PSEUDO_SENSOR];
  const { sensors, unknown } = parseSensors(list);
  if (unknown.length > 0) {
    const shown = unknown.slice(0, 5).join(', ');
    reader.note('sensor', `There is no such sensor in the LSST focal plane: ${shown}`);
  } else if (sensors.length === 0) reader.note('sensor', 'No sensor is chosen.');
  return sensors.map(({ name }) => name);
}

function groupSensors(sensors: readonly string[], group = 'sensor'): readonly (readonly string[])[] {
  if (group === 'all') return [sensors];
  const groups = Map.groupBy(sensors, (name) => (group === 'raft' ? name.slice(0, 3) : name));
  return [...groups.values()];
}
