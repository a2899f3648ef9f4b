import type { JobRequest, Resources } from '../../panda/index.ts';
import type { TransformationOptions } from '../api.ts';
import { DEFAULT_RESOURCES, withDefaults } from '../checks.ts';
import { STAND_IN } from '../parameters.ts';
import { payloadFile, type ReadPayload } from '../payloads.ts';
import { AMPLIFIERS } from './focalPlane.ts';
import type { PhosimChoices } from './phosimChoices.ts';
import type { VisitFiles } from './phosimFiles.ts';

/** What names the images of a visit. */
export interface VisitNames {
  /** With what the command file appends to it. */
  readonly visit: string;
  /** As in the catalog: a number. */
  readonly filter: string;
  readonly snaps: number;
  /** Groups of sensors that are made. */
  readonly camconfig: number;
}

/** One job for each group of sensors. */
export function buildPhosimRequests(
  names: VisitNames,
  files: VisitFiles,
  choices: PhosimChoices,
  options: TransformationOptions,
  readPayload: ReadPayload,
): readonly JobRequest[] {
  const payload = payloadFile('phosim.sh', readPayload);
  const tarball = files.tarball(choices.software === STAND_IN);
  const inputBytes = files.files.reduce((sum, { size }) => sum + size, 0);
  return choices.groups.map((sensors) => ({
    name: `${options.name ?? names.visit}_${groupName(sensors)}`,
    transformation: { id: 'phosim', payload, tarball },
    arguments: payloadWords(files, choices, sensors, options.arguments ?? []),
    site: options.site,
    resources: withDefaults(options.resources, proposeResources(choices, sensors.length, inputBytes)),
    outputs: [...expectedImages(names, choices, sensors), ...(options.outputs ?? [])],
    inputs: files.inputs,
    pipeline: undefined,
  }));
}

function groupName(sensors: readonly string[]): string {
  const [first = ''] = sensors;
  if (sensors.length === 1) return first;
  const rafts = new Set(sensors.map((sensor) => sensor.slice(0, 3)));
  return rafts.size === 1 ? first.slice(0, 3) : `${sensors.length}_sensors`;
}

function payloadWords(
  files: VisitFiles,
  choices: PhosimChoices,
  sensors: readonly string[],
  more: readonly string[],
): readonly string[] {
  const given = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [name, value];
  return [
    ...['--software', choices.software],
    ...['--catalog', files.catalog],
    ...['--sensor', sensors.join('|')],
    ...['--e2adc', choices.e2adc ? '1' : '0'],
    ...given('--threads', choices.threads === 1 ? undefined : String(choices.threads)),
    ...given('--processes', choices.processes === 1 ? undefined : String(choices.processes)),
    ...given('--instrument', choices.instrument === 'lsst' ? undefined : choices.instrument),
    ...given('--command', files.command),
    ...given('--sed', choices.sed),
    ...given('--image', choices.image),
    ...given('--setup', choices.setup),
    '--',
    ...more,
  ];
}

/** All images of some sensors, by phoSim's rules: what a run must leave to have succeeded. */
function expectedImages(
  { visit, filter, snaps }: VisitNames,
  { e2adc, instrument }: Pick<PhosimChoices, 'e2adc' | 'instrument'>,
  sensors: readonly string[],
): readonly string[] {
  return sensors.flatMap((sensor) =>
    Array.from({ length: snaps }, (_, snap) => `E${String(snap).padStart(3, '0')}`).flatMap((exposure) => [
      `${instrument}_e_${visit}_f${filter}_${sensor}_${exposure}.fits.gz`,
      ...(e2adc
        ? AMPLIFIERS.map((amplifier) => {
            return `${instrument}_a_${visit}_f${filter}_${sensor}_${amplifier}_${exposure}.fits.gz`;
          })
        : []),
    ]),
  );
}

/** MB that one sensor takes; less is known to fail. */
const MEMORY = 4000;
export const LEAST_MEMORY = 3000;
/** Seconds for one sensor, and the most that DESC's workflows ever gave. */
const TIME = 12 * 3600;
const LONGEST_TIME = 120 * 3600;
/** Screens of the atmosphere, and the images of a sensor, MB. */
const WORK_DISK = 1000;
const SENSOR_DISK = 100;

/** What DESC's workflows gave a job of so many sensors; next to nothing for the stand-in. */
function proposeResources(
  { software, threads, processes }: PhosimChoices,
  sensors: number,
  inputBytes: number,
): Resources {
  const inputMB = Math.ceil(inputBytes / 1e6);
  if (software === STAND_IN) return { ...DEFAULT_RESOURCES, diskMB: DEFAULT_RESOURCES.diskMB + inputMB };
  return {
    cores: threads * processes,
    memoryMB: MEMORY * processes,
    diskMB: WORK_DISK + SENSOR_DISK * sensors + 2 * inputMB,
    walltimeSeconds: Math.min(TIME * Math.ceil(sensors / processes), LONGEST_TIME),
  };
}
