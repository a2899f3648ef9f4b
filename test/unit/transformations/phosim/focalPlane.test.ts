import assert from 'node:assert/strict';
import {
  AMPLIFIERS,
  parseSensors,
  SCIENCE_RAFTS,
  SENSORS,
  sensorsOfCamconfig,
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
      assert.deepEqual(parseSensors(name).sensors, [], name);
    }
    for (const { name } of SENSORS) assert.match(name, PATTERN);
  });

  it('numbers detectors by raft, then by the digits of the sensor', () => {
    assert.deepEqual(
      [0, 94, 188].map((detector) => SENSORS[detector]?.name),
      ['R01_S00', 'R22_S11', 'R43_S22'],
    );
    SENSORS.forEach(({ detector }, index) => {
      assert.equal(detector, index < 189 ? index : null);
    });
  });

  it('reads the names of the DM stack', () => {
    const read = (text: string): string => {
      const { sensors, unknown } = parseSensors(text);
      return [...sensors.map(({ name }) => name), ...unknown.map((word) => `not ${word}`)].join(' ');
    };
    assert.equal(read('R:2,2 S:1,1'), 'R22_S11');
    assert.equal(
      read('raft=2,2 sensor=1,1|R01_S00, R:0,0 S:2,2,A R:0,0 S:2,2,B'),
      'R01_S00 R22_S11 R00_S22_C0 R00_S22_C1',
    );
    for (const wrong of ['R:5,2 S:1,1', 'R:0,0 S:1,1', 'R:2,2 S:1,1,A']) assert.match(read(wrong), /^not R/u);
  });

  it('lays all sensors side by side on the map', () => {
    const cells = new Set<string>();
    for (const { x, y, width, height } of SENSORS) {
      assert.ok(x >= 0 && y >= 0 && x + width <= 15 && y + height <= 15);
      cells.add(`${x} ${y}`);
    }
    assert.equal(cells.size, 205);
    const centre = SENSORS.find(({ name }) => name === 'R22_S11');
    assert.deepEqual([centre?.x, centre?.y], [7, 7]);
  });

  it('reads lists as people write them', () => {
    assert.equal(parseSensors('all').sensors.length, 189);
    const names = (text: string): string[] => parseSensors(text).sensors.map(({ name }) => name);
    assert.deepEqual(names('R22_S11|R01_S00, R22_S11'), ['R01_S00', 'R22_S11']);
    assert.deepEqual(
      names('R22'),
      SENSORS.filter(({ raft }) => raft === 'R22').map(({ name }) => name),
    );
    assert.deepEqual(names('94 0..2'), ['R01_S00', 'R01_S01', 'R01_S02', 'R22_S11']);
    assert.deepEqual(names('R00_S22_C1'), ['R00_S22_C1']);
    assert.deepEqual(parseSensors('R22_S11 R99 189 5..189 x').unknown, ['R99', '189', '5..189', 'x']);
    assert.deepEqual(parseSensors(' ,| '), { sensors: [], unknown: [] });
  });
});
