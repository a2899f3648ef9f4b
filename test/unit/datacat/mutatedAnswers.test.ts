import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDatacatClient, DatacatError } from '../../../src/datacat/index.ts';
import type { DatacatClient } from '../../../src/datacat/index.ts';
import { startSandboxCatalog } from './sandboxCatalog.ts';

/** What stands in the place of a value. */
const STRANGERS: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  '',
  'x',
  '__proto__',
  [],
  [null],
  {},
  { _type: 'folder' },
];

/** Every JSON that differs from one in a single place: another value there, or none. */
function* mutations(value: unknown): Generator<unknown> {
  for (const stranger of STRANGERS) yield stranger;
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const copy = (): Record<string, unknown> =>
      (Array.isArray(value) ? value.slice() : { ...value }) as Record<string, unknown>;
    for (const changed of mutations((value as Record<string, unknown>)[key])) {
      yield Object.assign(copy(), { [key]: changed });
    }
    const without = copy();
    delete without[key];
    yield without;
  }
}

describe('the client of the data catalog, on answers with something wrong in them', () => {
  it('takes them or refuses them with a sentence, and nothing else', async () => {
    const answers = await realAnswers();
    let text = '';
    const server = http.createServer((request, response) => {
      request.resume();
      response.writeHead(200).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/r`;
    const client = createDatacatClient({ url, authentication: { kind: 'none' } }, { random: () => 0 });
    let taken = 0;
    let refused = 0;
    try {
      for (const [answer, call] of answers) {
        for (const mutated of mutations(answer)) {
          text = JSON.stringify(mutated);
          try {
            await call(client);
            taken += 1;
          } catch (error) {
            assert(error instanceof DatacatError, `${String(error)} for ${text}`);
            assert.match(error.message, /^Could not .*: .*\.$/, text);
            refused += 1;
          }
        }
      }
    } finally {
      client.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    assert.ok(taken > 100 && refused > 300, `${taken} taken, ${refused} refused`);
  });
});

type Call = (client: DatacatClient) => Promise<unknown>;

/** Answers of the sandbox, each with the call that it is for. */
async function realAnswers(): Promise<readonly (readonly [answer: unknown, call: Call])[]> {
  const catalog = await startSandboxCatalog();
  try {
    const client = catalog.client();
    await client.createContainer('/', { kind: 'folder', name: 'desc', description: 'all' });
    await client.createDataset('/desc', {
      name: 'f1',
      dataType: 'T',
      fileFormat: 'fits',
      version: {
        metadata: [
          { name: 'nRun', type: 'integer', value: 1 },
          { name: 'taken', type: 'timestamp', value: 0 },
        ],
        locations: [
          { site: 'SLAC', resource: '/a', size: 1, checksum: 'ff' },
          { site: 'BNL', resource: '/b' },
        ],
      },
    });
    const get = async (path: string): Promise<unknown> => (await catalog.send('GET', path)).json();
    return [
      [await get('/path.json/;children'), (asked) => asked.children('/')],
      [await get('/path.json/desc;stat=basic'), (asked) => asked.get('/desc')],
      [await get('/datasets.json/desc/f1'), (asked) => asked.dataset('/desc/f1')],
      [await get('/datasets.json/desc/f1;s=SLAC'), (asked) => asked.dataset('/desc/f1', { site: 'SLAC' })],
      [await get('/search.json/desc;s=all?show=nRun'), (asked) => asked.search('/desc')],
      [await get('/permissions.json/desc'), (asked) => asked.permissions('/desc')],
    ];
  } finally {
    await catalog.close();
  }
}
