import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { editorTokenStore, type Secrets } from '../../../../src/editor/auth/editorTokenStore.ts';
import { tokenFile, type TokenSet, type TokenStore } from '../../../../src/panda/index.ts';

const tools = { now: Date.now, delay: (ms: number) => wait(ms) };

describe('where the editor keeps a sign-in', () => {
  let folder: string;
  let kept: Map<string, string>;
  let shared: boolean;
  let told: string[];
  let file: TokenStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokens-'));
    kept = new Map();
    shared = false;
    told = [];
    file = tokenFile(join(folder, 'root'), tools);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const keyring: Secrets = {
    get: async (key) => kept.get(key),
    store: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
  const storeOn = (secrets: Secrets): TokenStore =>
    editorTokenStore({
      secrets,
      key: 'signIn:Rubin@https://panda.test',
      lockFolder: join(folder, 'locks'),
      file,
      isShared: () => shared,
      onNotKept: (where) => told.push(where),
      ...tools,
    });
  const put = (store: TokenStore, id_token: string): Promise<void> =>
    store.update(() => Promise.resolve({ id_token }));

  it('is its secret storage, under the name of the sign-in', async () => {
    const store = storeOn(keyring);
    assert.equal(await store.read(), undefined);
    await put(store, 'one');
    assert.deepEqual([...kept], [['signIn:Rubin@https://panda.test', '{"id_token":"one"}']]);
    assert.deepEqual(await store.read(), { id_token: 'one' });
    assert.equal(await file.read(), undefined);
    assert.equal(await store.clear(), true);
    assert.equal(await store.clear(), false);
  });

  it('is the file of the official client where that holds one, also for what comes after it', async () => {
    await put(file, 'official');
    const store = storeOn(keyring);
    assert.deepEqual(await store.read(), { id_token: 'official' });
    await put(store, 'renewed');
    assert.deepEqual(await file.read(), { id_token: 'renewed' });
    assert.equal(kept.size, 0);
    await store.clear();
    assert.equal(await file.read(), undefined);
  });

  it('is the file where it is to be shared, and moves there', async () => {
    const store = storeOn(keyring);
    await put(store, 'secret');
    shared = true;
    assert.deepEqual(await store.read(), { id_token: 'secret' });
    assert.deepEqual([kept.size, await file.read()], [0, { id_token: 'secret' }]);
    await put(store, 'next');
    assert.deepEqual(JSON.parse(await readFile(join(folder, 'root', '.token'), 'utf8')), {
      id_token: 'next',
    });
  });

  const broken: readonly (readonly [string, Secrets])[] = [
    ['keeps none', { ...keyring, store: async () => undefined }],
    [
      'has no keyring',
      {
        get: () => Promise.reject(new Error('no keyring')),
        store: () => Promise.reject(new Error('no keyring')),
        delete: () => Promise.reject(new Error('no keyring')),
      },
    ],
  ];
  for (const [what, secrets] of broken) {
    it(`is the file for an editor that ${what}, which is told once`, async () => {
      const store = storeOn(secrets);
      await put(store, 'one');
      await put(store, 'two');
      assert.deepEqual(await store.read(), { id_token: 'two' });
      assert.deepEqual(told, [file.where]);
    });
  }

  it('is changed by one window at a time', async () => {
    const windows = [storeOn(keyring), storeOn(keyring), storeOn(keyring)];
    await put(windows[0]!, '0');
    const raise = async (stored: TokenSet | undefined): Promise<TokenSet> => {
      await wait(5);
      return { id_token: String(Number(stored?.id_token) + 1) };
    };
    await Promise.all([...windows, ...windows].map((window) => window.update(raise)));
    assert.deepEqual(await windows[0]!.read(), { id_token: '6' });
    assert.deepEqual(await readdir(join(folder, 'locks')), []);
  });
});
