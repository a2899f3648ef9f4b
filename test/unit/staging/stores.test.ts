import assert from 'node:assert/strict';
import type { StagingSettings } from '../../../src/panda/index.ts';
import { createStagingStores } from '../../../src/staging/index.ts';
import { ScriptedS3 } from './scriptedS3.ts';

describe('the stores of a profile', () => {
  const server = new ScriptedS3();
  before(() => server.start());
  after(() => server.stop());

  const settings = (prefix: string): StagingSettings => ({
    kind: 's3',
    bucket: 'desc',
    prefix,
    endpoint: server.endpoint,
    region: undefined,
    pathStyle: undefined,
    caFile: undefined,
    credentialsProfile: undefined,
    checksums: undefined,
  });

  it('are opened once each, and sign with the keys given', async () => {
    const stores = createStagingStores({ kind: 'keys', accessKeyId: 'MYKEY', secretAccessKey: 'secret' });
    try {
      const store = stores.open(settings('a'));
      assert.equal(stores.open(settings('a')), store);
      assert.notEqual(stores.open(settings('b')), store);
      await store.put('x', Buffer.from('1'));
      assert.deepEqual([...server.objects.keys()], ['a/x']);
      assert.match(server.calls[0]?.headers.authorization ?? '', /Credential=MYKEY\//);
    } finally {
      stores.dispose();
    }
  });
});
