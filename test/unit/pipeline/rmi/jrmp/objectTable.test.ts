import assert from 'node:assert/strict';
import { ObjectTable } from '../../../../../src/pipeline/rmi/jrmp/objectTable.ts';
import { FakeClock } from '../../../watch/fakeClock.ts';
import { ECHO, ECHO_ID, echoObject } from '../echo.ts';

describe('the objects of a server', () => {
  const GRACE = 1000;
  let clock: FakeClock;
  let table: ObjectTable;
  let ended: number;

  beforeEach(() => {
    clock = new FakeClock();
    table = new ObjectTable(clock, GRACE);
    ended = 0;
  });
  const request = (holder: string, sequence: number) => ({
    objIds: [ECHO_ID],
    holder,
    sequence: BigInt(sequence),
  });
  const lease = (holder: string, sequence: number, ms: number): void =>
    table.lease(request(holder, sequence), clock.now() + ms);
  const add = (): void => table.add(echoObject(), { onUnreferenced: () => (ended += 1) });
  const there = (): boolean => table.find(ECHO_ID) !== undefined;

  it('stay where nobody is to be told of their end', async () => {
    table.add(echoObject());
    lease('a', 1, 10);
    table.giveUp(request('a', 2));
    await clock.pass(1e9);
    assert.ok(there());
    table.remove(ECHO_ID);
    assert.ok(!there());
    assert.equal(table.knownMethod(ECHO.hash), ECHO);
  });

  it('go when nobody calls them and there is no lease', async () => {
    add();
    await clock.pass(GRACE - 1);
    table.touch(ECHO_ID);
    await clock.pass(GRACE - 1);
    assert.ok(there());
    await clock.pass(1);
    assert.ok(!there());
    assert.equal(ended, 1);
    assert.equal(clock.timers, 0);
  });

  it('stay as long as the longest lease', async () => {
    add();
    lease('a', 1, 5000);
    lease('b', 1, 3000);
    await clock.pass(4000);
    lease('b', 2, 3000);
    await clock.pass(2999);
    assert.ok(there());
    await clock.pass(1);
    assert.ok(!there());
  });

  it('go when the last lease is given up', async () => {
    add();
    lease('a', 1, 5000);
    lease('b', 1, 5000);
    table.giveUp(request('a', 2));
    assert.ok(there());
    table.giveUp(request('stranger', 2));
    assert.ok(there());
    table.giveUp(request('b', 2));
    assert.ok(!there());
    assert.equal(ended, 1);
  });

  it('take no notice of requests that come late', async () => {
    add();
    lease('a', 5, 5000);
    table.giveUp(request('a', 4));
    lease('a', 3, 100_000);
    assert.ok(there());
    await clock.pass(5000);
    assert.ok(!there());
  });

  it('have not more holders than there can be', async () => {
    add();
    for (let holder = 0; holder < 5000; holder++) lease(`h${holder}`, 1, 10_000);
    for (let holder = 0; holder < 1000; holder++) table.giveUp(request(`h${holder}`, 2));
    assert.ok(!there());
  });

  it('all end with the server', () => {
    add();
    table.dispose();
    assert.equal(ended, 1);
    assert.equal(clock.timers, 0);
  });
});
