import assert from 'node:assert/strict';
import {
  AMPLIFIERS,
  dmName,
  MAP_SIZE,
  parseSensors,
  SCIENCE_RAFTS,
  sensorNamed,
  sensorOfDetector,
  sensorOfDmName,
  SENSORS,
  sensorsOfCamconfig,
  sensorsOfRaft,
} from '../../../../src/transformations/index.ts';

const PATTERN = /^R([0-4])([0-4])_S([0-2])([0-2])(?:_C[01])?$/;

describe('focal plane', () => {
  it('has 189 science sensors on 21 rafts, 8 wavefront half-chips and 8 guide sensors', () => {
    assert.equal(SCIENCE_RAFTS.length, 21);
    assert.deepEqual(
      [1, 2, 4, 0, 7, 3].map((camconfig) => sensorsOfCamconfig(camconfig).length),
      [189, 8, 8, 205, 205, 197],
    );
    assert.equal(new Set(SENSORS.map(({ name }) => name)).size, 205);
    assert.equal(AMPLIFIERS.length, 16);
    assert.deepEqual([AMPLIFIERS[0], AMPLIFIERS[15]], ['C00', 'C17']);
  });

  it('knows no other sensor', () => {
    for (const name of [
      'R00_S11',
      'R44_S22',
      'R22_S33',
      'R55_S11',
      'R22_S11_C0',
      'R00_S22',
      'r22_s11',
      '',
      'opd',
    ]) {
      assert.equal(sensorNamed(name), undefined, name);
    }
    for (const { name } of SENSORS) assert.match(name, PATTERN);
  });

  it('numbers detectors by raft, then by the digits of the sensor', () => {
    assert.equal(sensorOfDetector(0)?.name, 'R01_S00');
    assert.equal(sensorOfDetector(94)?.name, 'R22_S11');
    assert.equal(sensorOfDetector(188)?.name, 'R43_S22');
    for (const wrong of [189, -1, 1.5, Number.NaN]) assert.equal(sensorOfDetector(wrong), undefined);
    SENSORS.forEach(({ detector }, index) => {
      assert.equal(detector, index < 189 ? index : null);
    });
  });

  it('goes to the names of the DM stack and back', () => {
    const centre = sensorNamed('R22_S11');
    assert.ok(centre !== undefined);
    assert.equal(dmName(centre), 'R:2,2 S:1,1');
    assert.equal(sensorOfDmName('raft=2,2 sensor=1,1'), centre);
    for (const sensor of SENSORS) assert.equal(sensorOfDmName(dmName(sensor)), sensor);
    for (const wrong of ['R:5,2 S:1,1', 'R:2,2', 'R22_S11', ''])
      assert.equal(sensorOfDmName(wrong), undefined);
  });

  it('lays all sensors side by side on the map', () => {
    const cells = new Set<string>();
    for (const { x, y, width, height } of SENSORS) {
      assert.ok(x >= 0 && y >= 0 && x + width <= MAP_SIZE && y + height <= MAP_SIZE);
      cells.add(`${x} ${y}`);
    }
    assert.equal(cells.size, 205);
    const centre = sensorNamed('R22_S11');
    assert.deepEqual([centre?.x, centre?.y], [7, 7]);
  });

  it('reads lists as people write them', () => {
    assert.equal(parseSensors('all').sensors.length, 189);
    const names = (text: string): string[] => parseSensors(text).sensors.map(({ name }) => name);
    assert.deepEqual(names('R22_S11|R01_S00, R22_S11'), ['R01_S00', 'R22_S11']);
    assert.deepEqual(
      names('R22'),
      sensorsOfRaft('R22').map(({ name }) => name),
    );
    assert.deepEqual(names('94 0..2'), ['R01_S00', 'R01_S01', 'R01_S02', 'R22_S11']);
    assert.deepEqual(names('R00_S22_C1'), ['R00_S22_C1']);
    assert.deepEqual(parseSensors('R22_S11 R99 189 5..189 x').unknown, ['R99', '189', '5..189', 'x']);
    assert.deepEqual(parseSensors(' ,| '), { sensors: [], unknown: [] });
  });
});
