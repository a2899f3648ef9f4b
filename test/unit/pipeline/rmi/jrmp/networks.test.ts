import assert from 'node:assert/strict';
import {
  createNetworkFilter,
  isLocalAddress,
  plainAddress,
} from '../../../../../src/pipeline/rmi/jrmp/networks.ts';

describe('networks', () => {
  it('hold their addresses, however the system shows them', () => {
    const allowed = createNetworkFilter(['134.79.0.0/16', '198.51.100.7', '2001:db8::/32']);
    for (const address of [
      '134.79.255.1',
      '::ffff:134.79.1.2',
      '198.51.100.7',
      '2001:db8::1',
      '2001:DB8::1%eth0',
    ]) {
      assert.ok(allowed(address), address);
    }
    for (const address of ['134.80.0.1', '198.51.100.8', '2001:db9::1', '', 'host', '::ffff:134.80.0.1']) {
      assert.ok(!allowed(address), address);
    }
    assert.ok(!createNetworkFilter([])('127.0.0.1'));
  });

  it('are written in one way', () => {
    for (const wrong of [
      '134.79',
      '134.79.0.0/33',
      '134.79.0.0/',
      '1.2.3.4/1/2',
      'slac',
      '::1/129',
      '1.2.3.4/-1',
      '',
    ]) {
      assert.throws(() => createNetworkFilter([wrong]), RangeError, wrong);
    }
  });

  it('know this machine', () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
      assert.ok(isLocalAddress(address));
    assert.ok(!isLocalAddress('192.0.2.1'));
    assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
  });
});
