import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { mutate } from '../../../fuzz/mutate.ts';
import { Random } from '../../../fuzz/random.ts';
import { fuzzRmi } from '../../../fuzz/rmiFuzz.ts';
import { createRegistry, exportJobControl } from '../../../../src/pipeline/rmi/index.ts';
import type { ServerEvent } from '../../../../src/pipeline/rmi/index.ts';
import { readObjId } from '../../../../src/pipeline/rmi/jrmp/ids.ts';
import { until } from '../../../support/until.ts';
import { captureNames, recordedMessages, recordedTurns } from './captures.ts';
import { localServer } from './echo.ts';
import { oneJob } from './jobControl/handlers.ts';
import { RawPeer } from './rawPeer.ts';

const SEED = 20261123;

describe('captures with things wrong in them', () => {
  it('are read or refused, and nothing else: some thousands; npm run fuzz tries more', () => {
    const { read, refused, slowestMs } = fuzzRmi(3000, SEED);
    assert.ok(read > 300 && refused > 300, `${read} read, ${refused} refused`);
    assert.ok(slowestMs < 2000, `${slowestMs} ms`);
  });

  it('cost a server nothing but their own connections', async () => {
    const random = new Random(SEED);
    const events: ServerEvent[] = [];
    const server = await localServer({ onEvent: (event) => events.push(event) });
    server.export(createRegistry().object);
    // Calls of most captures are to this object.
    const call = recordedMessages('jdk17-session-basic-object').find(
      ({ what }) => what === 'JobControl.submit',
    );
    exportJobControl(server, oneJob([]), { objId: readObjId(call!.bytes, 7) });
    const clients = captureNames
      .map((name) => recordedTurns(name).filter(({ direction }) => direction === 'client->server'))
      .map((turns) => Buffer.concat(turns.map(({ bytes }) => bytes)));
    const good = await RawPeer.greeted(server.port);
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 30 }, async () => {
          const socket = connect({ host: '127.0.0.1', port: server.port });
          socket.on('error', () => undefined);
          socket.resume();
          socket.end(mutate(random.oneOf(clients), random, clients));
          await once(socket, 'close');
        }),
      );
    }
    await until('their connections to close', async () => server.connections === 1);
    good.send(Buffer.of(0x52));
    assert.equal(await good.readByte(), 0x53);
    good.destroy();
    await server.close();
    assert.ok(events.filter(({ kind }) => kind === 'fault').length > 50);
    const ours = events.filter((event) => event.kind === 'call' && event.error !== undefined);
    assert.deepEqual(ours, []);
  });
});
