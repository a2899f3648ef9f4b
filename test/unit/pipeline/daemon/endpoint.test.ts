import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../../../src/pipeline/daemon/endpoint.ts';
import { parseDaemonConfig } from '../../../../src/pipeline/index.ts';
import { openJournal } from '../../../../src/pipeline/service/journal.ts';
import type { ServiceJournal } from '../../../../src/pipeline/service/journal.ts';

describe('the port of a job control service', () => {
  let folder: string;
  let journal: ServiceJournal;
  let other: Server;
  let taken: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'endpoint-'));
    journal = openJournal(join(folder, 'journal.sqlite'));
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    taken = (other.address() as AddressInfo).port;
  });
  afterEach(async () => {
    journal.close();
    other.close();
    await rm(folder, { recursive: true });
  });

  const configOf = (port: number) =>
    parseDaemonConfig(
      'c.yaml',
      `state: ${folder}\nusers: { glast: { profile: sandbox } }\nrmi: { host: 127.0.0.1, publicHost: 127.0.0.1, port: ${port} }\n`,
    );

  it('is another one where the one of before is taken and none was asked for', async () => {
    const events: string[] = [];
    journal.database.setSetting('port', String(taken));
    const server = await startServer(configOf(0), journal, (_level, event) => events.push(event));
    assert.notEqual(server.port, taken);
    assert.equal(journal.database.setting('port'), String(server.port));
    assert.deepEqual(events, ['port.taken']);
    await server.close();
  });

  it('is the one that was asked for, or none', async () => {
    await assert.rejects(
      startServer(configOf(taken), journal, () => undefined),
      /EADDRINUSE/,
    );
  });
});
