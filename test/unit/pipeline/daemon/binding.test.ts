import assert from 'node:assert/strict';
import { createBinding } from '../../../../src/pipeline/daemon/binding.ts';
import { createRegistry, stableObjId, startRmiServer } from '../../../../src/pipeline/rmi/index.ts';
import type { Registry, RmiServer } from '../../../../src/pipeline/rmi/index.ts';

/** A registry of somebody else at a port of its own. */
async function startRegistry(port = 0): Promise<{ readonly server: RmiServer; readonly registry: Registry }> {
  const server = await startRmiServer({ host: '127.0.0.1', publicHost: '127.0.0.1', port });
  const registry = createRegistry();
  server.export(registry.object);
  return { server, registry };
}

describe('names in the registry of somebody else', () => {
  it('come back when the registry was gone, and go with the daemon', async () => {
    const events: string[] = [];
    const ours = await startRmiServer({ host: '127.0.0.1', publicHost: '127.0.0.1' });
    const objId = stableObjId('JobControlService-glast');
    const ref = { host: '127.0.0.1', port: ours.port, objId, interfaces: ['org.srs.jobcontrol.JobControl'] };
    let other = await startRegistry();
    const { port } = other.server;
    const refs = new Map([['JobControlService-glast', ref]]);
    const binding = createBinding(ours, refs, port, (_level, event) => events.push(event));
    assert.equal(binding.bound, false);
    await binding.bind();
    assert.deepEqual([binding.bound, other.registry.names()], [true, ['JobControlService-glast']]);
    await other.server.close();
    await binding.bind();
    assert.equal(binding.bound, false);
    other = await startRegistry(port);
    await binding.bind();
    assert.deepEqual([binding.bound, other.registry.names()], [true, ['JobControlService-glast']]);
    other.registry.unbind('JobControlService-glast');
    await binding.bind();
    assert.deepEqual(other.registry.names(), ['JobControlService-glast'], 'a name that got lost');
    await binding.unbind();
    assert.deepEqual(other.registry.names(), []);
    assert.deepEqual(events, ['registry.bound', 'registry.failed', 'registry.bound']);
    await Promise.all([other.server.close(), ours.close()]);
  });
});
