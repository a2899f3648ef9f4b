/** Groups of sensors of the LSST camera, with their bit in `camconfig`. */
const SENSOR_GROUPS = { science: 1, wavefront: 2, guide: 4 } as const;
export type SensorGroup = keyof typeof SENSOR_GROUPS;

/** A sensor of the LSST focal plane. */
export interface Sensor {
  /** phoSim's name, `R22_S11`, `R00_S22_C0`. */
  readonly name: string;
  readonly raft: string;
  readonly group: SensorGroup;
  /** 0–188 in the DM stack's third generation; null for corner sensors. */
  readonly detector: number | null;
  /** Place on a map: left edge and top edge, in sensors from the upper left; rafts are three sensors wide. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Sensors along the side of the focal plane: five rafts of three. */
const MAP_SIZE = 15;
/** Amplifiers of a sensor: `C00` to `C17`. */
export const AMPLIFIERS: readonly string[] = [0, 1].flatMap((row) =>
  Array.from({ length: 8 }, (_, column) => `C${row}${column}`),
);

const CORNERS = new Set(['00', '04', '40', '44']);
const DIGITS = [0, 1, 2, 3, 4];
const SLOTS = [0, 1, 2];

/** Slot of the wavefront half-chips, and slots of the guiders, of each corner raft. */
const CORNER_SLOTS: readonly (readonly [raft: string, wavefront: string, guide: readonly string[]])[] = [
  ['00', '22', ['12', '21']],
  ['04', '20', ['10', '21']],
  ['40', '02', ['01', '12']],
  ['44', '00', ['01', '10']],
];

/** The 21 science rafts in their order, `R01` to `R43`. */
export const SCIENCE_RAFTS: readonly string[] = DIGITS.flatMap((x) =>
  DIGITS.map((y) => `${x}${y}`).filter((raft) => !CORNERS.has(raft)),
).map((raft) => `R${raft}`);

/** The 189 science sensors by detector number, then wavefront and guide sensors. */
export const SENSORS: readonly Sensor[] = [...scienceSensors(), ...cornerSensors()];

const byName = new Map(SENSORS.map((sensor) => [sensor.name, sensor]));

/** `opd`, which later releases take for a sensor. */
export const PSEUDO_SENSOR = 'opd';

/** A sensor as the DM stack writes it; half-chips end in `,A` (C0) and `,B` (C1). */
const DM_NAME = /(?:R:|raft=)(\d),(\d)\s+(?:S:|sensor=)(\d),(\d)(?:,([AB]))?(?![\w,])/gu;

/** The sensors that `camconfig` asks for: the sum of the groups' bits, 0 for all. */
export function sensorsOfCamconfig(camconfig: number): readonly Sensor[] {
  return SENSORS.filter(({ group }) => camconfig === 0 || (camconfig & SENSOR_GROUPS[group]) !== 0);
}

/** What a list of sensors comes to. */
export interface SensorList {
  readonly sensors: readonly Sensor[];
  /** Words that name no sensor. */
  readonly unknown: readonly string[];
}

/**
 * Reads sensors as people write them: `all`, names, rafts (`R22`), detector numbers and ranges of them (`90..98`), separated by
 * `|`, commas or blanks, and as the DM stack writes them (`R:2,2 S:1,1`, `raft=2,2 sensor=1,1`). Each sensor comes once, in the order of SENSORS.
 */
export function parseSensors(text: string): SensorList {
  const chosen = new Set<Sensor>();
  const unknown: string[] = [];
  const plain = text.replaceAll(DM_NAME, (_whole, ...digits: (string | undefined)[]) => ofDm(digits));
  for (const word of plain.split(/[\s|,]+/u).filter((part) => part !== '')) {
    const found = sensorsOf(word);
    if (found.length === 0) unknown.push(word);
    for (const sensor of found) chosen.add(sensor);
  }
  return { sensors: SENSORS.filter((sensor) => chosen.has(sensor)), unknown };
}

function ofDm([rx, ry, sx, sy, half]: readonly (string | undefined)[]): string {
  const chip = half === undefined ? '' : `_C${half === 'A' ? 0 : 1}`;
  return `R${rx}${ry}_S${sx}${sy}${chip}`;
}

function sensorsOf(word: string): readonly Sensor[] {
  if (word === 'all') return SENSORS.filter(({ group }) => group === 'science');
  if (/^R[0-4]{2}$/u.test(word)) return SENSORS.filter(({ raft }) => raft === word);
  const range = /^(\d{1,3})(?:(?:\.\.|-)(\d{1,3}))?$/u.exec(word);
  if (range !== null) {
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (last > 188) return [];
    return SENSORS.filter(({ detector }) => detector !== null && detector >= first && detector <= last);
  }
  const sensor = byName.get(word);
  return sensor === undefined ? [] : [sensor];
}

function scienceSensors(): Sensor[] {
  return SCIENCE_RAFTS.flatMap((raft, raftNumber) =>
    SLOTS.flatMap((i) =>
      SLOTS.map((j) => ({
        name: `${raft}_S${i}${j}`,
        raft,
        group: 'science' as const,
        detector: 9 * raftNumber + 3 * i + j,
        ...placeOf(raft, i, j),
        width: 1,
        height: 1,
      })),
    ),
  );
}

function cornerSensors(): Sensor[] {
  const sensor = (raft: string, slot: string, group: SensorGroup, half?: 0 | 1): Sensor => {
    const { x, y } = placeOf(`R${raft}`, Number(slot[0]), Number(slot[1]));
    const name = `R${raft}_S${slot}`;
    const common = { raft: `R${raft}`, group, detector: null, width: 1 };
    if (half === undefined) return { ...common, name, x, y, height: 1 };
    return { ...common, name: `${name}_C${half}`, x, y: half === 0 ? y + 0.5 : y, height: 0.5 };
  };
  const wavefront = CORNER_SLOTS.flatMap(([raft, slot]) => [
    sensor(raft, slot, 'wavefront', 0),
    sensor(raft, slot, 'wavefront', 1),
  ]);
  const guide = CORNER_SLOTS.flatMap(([raft, , slots]) => slots.map((slot) => sensor(raft, slot, 'guide')));
  return [...wavefront, ...guide];
}

/** The first digit of raft and slot counts to the right, the second upwards. */
function placeOf(raft: string, i: number, j: number): { x: number; y: number } {
  const column = Number(raft[1]);
  const row = Number(raft[2]);
  return { x: 3 * column + i, y: MAP_SIZE - 1 - (3 * row + j) };
}
