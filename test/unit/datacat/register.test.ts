import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatacatError, ensureFolder, registerFile, signatureHeader } from '../../../src/datacat/index.ts';
import { readKeyFile } from '../../../src/datacat/keyFile.ts';
import type { DatacatClient, FileToRegister } from '../../../src/datacat/index.ts';
import { startSandboxCatalog } from './sandboxCatalog.ts';
import type { SandboxCatalog } from './sandboxCatalog.ts';

const FILE: FileToRegister = {
  name: 'f1.fits',
  dataType: 'T',
  fileFormat: 'fits',
  metadata: [{ name: 'PandaID', type: 'integer', value: 1 }],
  location: { site: 'SLAC', resource: '/nfs/f1.fits', size: 12, checksum: '00ab' },
};

describe('registering a file in the data catalog', () => {
  let catalog: SandboxCatalog;
  let client: DatacatClient;
  beforeEach(async () => {
    catalog = await startSandboxCatalog();
    client = catalog.client();
  });
  afterEach(() => catalog.close());

  /** A client whose answer to the creation of a dataset is lost, before or after the catalog acted. */
  const losing = (acts: boolean): DatacatClient => ({
    ...client,
    createDataset: async (...args) => {
      if (acts) await client.createDataset(...args);
      const facts = {
        kind: 'unreachable',
        tried: 'register',
        cameBack: 'lost',
        advice: 'Try again',
      } as const;
      throw new DatacatError({ ...facts, mayHaveActed: true });
    },
  });

  it('makes the folders that are missing, also where somebody else is quicker', async () => {
    await Promise.all([ensureFolder(client, '/a/b/c'), ensureFolder(client, '/a/b/d')]);
    assert.deepEqual(
      (await client.children('/a/b')).items.map(({ path }) => path),
      ['/a/b/c', '/a/b/d'],
    );
    await registerFile(client, '/a/b/c', FILE);
    await assert.rejects(ensureFolder(client, '/a/b/c/f1.fits'), /it is a dataset/);
    await assert.rejects(ensureFolder(client, '/a/b/c/f1.fits/d'), DatacatError);
  });

  it('does it once, however often it is asked to', async () => {
    assert.equal((await registerFile(client, '/', FILE)).outcome, 'registered');
    assert.equal((await registerFile(client, '/', FILE)).outcome, 'known');
    const plain = { ...FILE, location: { ...FILE.location, checksum: 'AB' } };
    assert.equal((await registerFile(client, '/', plain)).outcome, 'known');
    assert.equal((await client.dataset('/f1.fits')).version?.id, 0);
  });

  it('asks what became of it where an answer was lost', async () => {
    assert.equal((await registerFile(losing(true), '/', FILE)).outcome, 'known');
    await client.remove({ kind: 'dataset', path: '/f1.fits' });
    await assert.rejects(registerFile(losing(false), '/', FILE), /Could not register: lost\./);
    assert.deepEqual((await client.children('/')).items, []);
  });

  it('adds the same content at another site as a copy, and another content as a version where that is wanted', async () => {
    await registerFile(client, '/', FILE);
    const elsewhere = { ...FILE, location: { ...FILE.location, site: 'BNL', resource: '/gpfs/f1.fits' } };
    const copy = await registerFile(client, '/', elsewhere);
    assert.deepEqual([copy.outcome, copy.dataset.version?.id], ['newLocation', 0]);
    assert.equal((await client.dataset('/f1.fits')).version?.locations.length, 2);
    const other = { ...FILE, location: { ...FILE.location, checksum: 'ff' } };
    await assert.rejects(registerFile(client, '/', other), { kind: 'exists' });
    const next = await registerFile(client, '/', other, { newVersion: true });
    assert.deepEqual([next.outcome, next.dataset.version?.id], ['newVersion', 1]);
    assert.equal((await registerFile(client, '/', other, { newVersion: true })).outcome, 'known');
  });
});

describe('the signature of a request to the data catalog', () => {
  it('is the HMAC-SHA1 of method, path, content type and date', () => {
    const key = { id: 'jane', secret: Buffer.from('secret').toString('base64') };
    const facts = {
      method: 'get',
      path: '/path.json/desc;v=current',
      contentType: '',
      date: 'Sat, 28 Nov 2026 05:00:00 GMT',
    };
    // printf 'GET\n/path.json/desc;v=current\n\n\nSat, 28 Nov 2026 05:00:00 GMT\n' | openssl dgst -sha1 -hmac secret -binary | base64
    assert.equal(signatureHeader(key, facts), 'SRS:jane:JqW2aiopGxO3H9UbjXxLB/S3vE0=');
  });

  it('has its key in the configuration file of the catalog’s own clients', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'datacat-key-'));
    const file = join(folder, 'default.cfg');
    const read = async (text: string): Promise<unknown> => {
      await writeFile(file, text);
      return readKeyFile(file);
    };
    try {
      const whole =
        '# mine\n[other]\nauth_key_id = no\n[defaults]\nurl = http://x/r\nauth_key_id = jane\r\nauth_secret_key: c2VjcmV0\n';
      assert.deepEqual(await read(whole), { id: 'jane', secret: 'c2VjcmV0' });
      await assert.rejects(
        read('[defaults]\nauth_key_id = jane\n'),
        /names no auth_key_id and auth_secret_key/,
      );
      await assert.rejects(
        read('[defaults]\nauth_key_id = a b\nauth_secret_key = c2VjcmV0\n'),
        /a blank or colon/,
      );
      const wrong = read('[defaults]\nauth_key_id = jane\nauth_secret_key = not/base64!\n');
      await assert.rejects(wrong, (error: Error) => !error.message.includes('not/base64'));
      await assert.rejects(readKeyFile(join(folder, 'none.cfg')), /there is no such file/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
