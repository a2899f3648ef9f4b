import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DatacatClient } from '../../src/datacat/index.ts';
import { startSandboxCatalog } from '../unit/datacat/sandboxCatalog.ts';
import type { SandboxCatalog } from '../unit/datacat/sandboxCatalog.ts';
import { datacatClient } from './programs/datacat.ts';
import { usePrograms } from './usePrograms.ts';

/** Names that Python has moved since that client was written. */
const SINCE_PYTHON_3_8 = `
import base64, collections, collections.abc, json, os
for name in ("MutableMapping", "Mapping", "Iterable", "Callable"):
    setattr(collections, name, getattr(collections.abc, name))
base64.encodestring, base64.decodestring = base64.encodebytes, base64.decodebytes
from datacat import Client
from datacat.auth import HMACAuthSRS
url = os.environ["CATALOG"]
client = Client(url, auth_strategy=HMACAuthSRS(os.environ["KEY_ID"], os.environ["KEY"], url))
`;

describe("SLAC's own client of the data catalog with the sandbox", () => {
  const pathOf = usePrograms(datacatClient);
  let catalog: SandboxCatalog;
  let client: DatacatClient;
  beforeEach(async () => {
    catalog = await startSandboxCatalog();
    client = catalog.client();
  });
  afterEach(() => catalog.close());

  /** Runs lines of Python; what they print is JSON. */
  const python = async (lines: readonly string[]): Promise<unknown> => {
    const env = {
      ...process.env,
      CATALOG: catalog.url,
      KEY_ID: 'sandbox',
      KEY: Buffer.from(catalog.server.token).toString('base64'),
    };
    const program = `${SINCE_PYTHON_3_8}${lines.join('\n')}\n`;
    const { stdout } = await promisify(execFile)(pathOf(datacatClient), ['-c', program], {
      env,
      timeout: 30_000,
    });
    return JSON.parse(stdout) as unknown;
  };

  it('makes what ours reads, signed with a key', async () => {
    await python([
      'client.mkdir("/desc", type="folder")',
      'metadata = {"nRun": 6200, "alpha": 1.5, "quality": "GOOD"}',
      'client.mkds("/desc", "f1", "TEST", "fits", versionMetadata=metadata, resource="/nfs/f1", site="SLAC")',
      'client.patchds("/desc/f1", {"versionMetadata": {"quality": "BAD"}})',
      'print(json.dumps(None))',
    ]);
    const { dataType, version } = await client.dataset('/desc/f1');
    assert.equal(dataType, 'TEST');
    assert.deepEqual(version?.metadata.map(({ name, type, value }) => `${name} ${type} ${value}`).sort(), [
      'alpha decimal 1.5',
      'nRun integer 6200',
      'quality string BAD',
    ]);
    assert.deepEqual(
      version.locations.map(({ site, resource, master }) => [site, resource, master]),
      [['SLAC', '/nfs/f1', true]],
    );
  });

  it('lists, finds and removes what ours made', async () => {
    await client.createContainer('/', { kind: 'folder', name: 'desc' });
    const version = { metadata: [{ name: 'nRun', type: 'integer', value: 7 } as const] };
    for (const name of ['a.txt', 'b.txt']) {
      await client.createDataset('/desc', { name, dataType: 'T', fileFormat: 'txt', version });
    }
    const seen = await python([
      'names = [child.name for child in client.children("/desc")]',
      'found = client.search("/desc", query="nRun > 6 and name =~ \'a*\'", show=["nRun"])',
      'client.rmds("/desc/b.txt")',
      'print(json.dumps([names, [[one.path, one.metadata["nRun"]] for one in found]]))',
    ]);
    assert.deepEqual(seen, [['a.txt', 'b.txt'], [['/desc/a.txt', 7]]]);
    assert.deepEqual(
      (await client.children('/desc')).items.map(({ name }) => name),
      ['a.txt'],
    );
  });

  it('is told what is missing, as it expects it', async () => {
    const said = await python([
      'try:',
      '    client.path("/none")',
      'except Exception as error:',
      '    print(json.dumps(str(error)))',
    ]);
    assert.match(String(said), /NoSuchFileException/u);
  });
});
