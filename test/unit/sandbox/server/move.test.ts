import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSandbox } from './sandbox.ts';

describe('a sandbox whose port was taken while it was away', () => {
  it('names payloads and logs of its jobs by its new address', async () => {
    const first = await openSandbox();
    const { folder } = first;
    const old = first.server.url;
    const [id = 0] = await first.submit([
      {
        jobName: 'one',
        transformation: `${old}/cache/payload.sh`,
        jobParameters: `--source ${old}/cache/a.gz --`,
      },
    ]);
    first.setUp();
    await first.update(id, 'running', { pilot_id: `${old}/storage/${id}/pilotlog.txt|sandbox|PR|1` });
    await first.server.close();
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(Number(new URL(old).port), '127.0.0.1', resolve));
    assert.equal((taker.address() as AddressInfo).port, Number(new URL(old).port));

    const second = await openSandbox({ dataFolder: folder });
    try {
      const { url } = second.server;
      assert.notEqual(url, old);
      const job = await second.describeJob(id);
      assert.equal(job.transformation, `${url}/cache/payload.sh`);
      assert.equal(job.jobParameters, `--source ${url}/cache/a.gz --`);
      assert.equal(job.pilotID, `${url}/storage/${id}/pilotlog.txt|sandbox|PR|1`);
    } finally {
      taker.close();
      await second.close();
    }
  });
});
