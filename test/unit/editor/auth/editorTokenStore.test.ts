import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { editorTokenStore } from '../../../../src/editor/auth/editorTokenStore.ts';
import type { Secrets } from '../../../../src/editor/vscode/secrets.ts';
import {
  accountFiles,
  subjectOf,
  usedIdentity,
  type AccountStore,
  type TokenSet,
  type UsedIdentity,
} from '../../../../src/panda/index.ts';
import { makeToken } from '../../panda/auth/fakeProvider.ts';

const tools = { now: Date.now, delay: (ms: number) => wait(ms) };

describe('where the editor keeps a sign-in', () => {
  let folder: string;
  let kept: Map<string, string>;
  let shared: boolean;
  let told: string[];
  let file: AccountStore;
  let used: UsedIdentity;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokens-'));
    kept = new Map();
    shared = false;
    told = [];
    used = usedIdentity(join(folder, 'root', '.desc-panda'), 'usdf', tools);
    file = accountFiles(join(folder, 'root'), used, tools);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const keyring: Secrets = {
    get: async (key) => kept.get(key),
    store: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
  const storeOn = (secrets: Secrets): AccountStore =>
    editorTokenStore({
      secrets,
      key: 'signIn:Rubin@https://panda.test',
      lockFolder: join(folder, 'locks'),
      file,
      used,
      isShared: () => shared,
      onNotKept: (where) => told.push(where),
      ...tools,
    });
  const put = (store: AccountStore, id_token: string): Promise<void> =>
    store.add(() => Promise.resolve({ id_token }));

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
    await Promise.all([...windows, ...windows].map((window) => window.of('').update(raise)));
    assert.deepEqual(await windows[0]!.read(), { id_token: '6' });
    assert.deepEqual(await readdir(join(folder, 'locks')), []);
  });

  const of = (subject: string, number = 1): TokenSet => ({
    id_token: makeToken({ iss: 'https://idp.test', sub: subject, jti: String(number) }),
    refresh_token: `refresh-${subject}-${number}`,
  });
  const add = (store: AccountStore, tokens: TokenSet): Promise<void> =>
    store.add(() => Promise.resolve(tokens));
  const people = async (store: AccountStore): Promise<string[]> =>
    (await store.list()).map(
      ({ tokens, where, isUsed }) =>
        `${isUsed ? '*' : ''}${subjectOf(tokens)} in ${where.endsWith('.token') ? 'file' : 'secrets'}`,
    );

  it('holds several people, and uses who was chosen', async () => {
    const store = storeOn(keyring);
    await add(store, of('jane'));
    await add(store, of('bob'));
    assert.deepEqual(await people(store), ['*bob in secrets', 'jane in secrets']);
    assert.equal(await store.use('jane'), true);
    assert.equal(await store.use('nobody'), false);
    assert.deepEqual(await store.read(), of('jane'));
    await store.of('jane').update(() => Promise.resolve(of('jane', 2)));
    assert.deepEqual(await people(store), ['*jane in secrets', 'bob in secrets']);
    assert.deepEqual(await store.read(), of('jane', 2));
    assert.equal(await store.clear(), true);
    assert.deepEqual(await people(store), ['*bob in secrets']);
    assert.equal(await store.remove('bob'), true);
    assert.deepEqual([await people(store), kept.size], [[], 0]);
  });

  it('leaves the file to who is in it, and shares all where it is told to', async () => {
    await add(file, of('jane'));
    const store = storeOn(keyring);
    await add(store, of('bob'));
    assert.deepEqual(await people(store), ['*bob in secrets', 'jane in file']);
    assert.deepEqual(await file.list().then((list) => list.map(({ tokens }) => subjectOf(tokens))), ['jane']);
    await store.use('jane');
    assert.deepEqual(await store.read(), of('jane'));
    await add(store, of('jane', 2));
    assert.deepEqual(await people(store), ['*jane in file', 'bob in secrets']);
    shared = true;
    assert.deepEqual(await store.read(), of('jane', 2));
    assert.equal(kept.size, 0);
    assert.deepEqual(await people(store), ['*jane in file', 'bob in file']);
  });

  it('renews each person in their place, whoever is used meanwhile', async () => {
    const store = storeOn(keyring);
    await add(store, of('jane'));
    await add(store, of('bob'));
    // As where the choice could not be written: then who signed in last is used.
    await used.set(undefined);
    await store.of('jane').update(() => Promise.resolve(of('jane', 2)));
    assert.deepEqual(await people(store), ['*bob in secrets', 'jane in secrets']);
    await store.of('bob').update(async () => {
      await storeOn(keyring).use('jane');
      return of('bob', 2);
    });
    assert.deepEqual(await people(store), ['*jane in secrets', 'bob in secrets']);
    assert.deepEqual(
      [await store.of('jane').read(), await store.of('bob').read()],
      [of('jane', 2), of('bob', 2)],
    );
    const asked: unknown[] = [];
    await store.of('nobody').update(async (stored) => {
      asked.push(stored);
      return Promise.resolve(of('nobody'));
    });
    assert.deepEqual([asked, await store.of('nobody').read()], [[undefined], undefined]);
  });

  it('loses nobody, and changes nobody who is used, where a keyring is gone later', async () => {
    let isGone = false;
    const failing: Secrets = {
      ...keyring,
      store: async (key, value) => {
        if (isGone) throw new Error('the keyring is locked');
        kept.set(key, value);
      },
    };
    const store = storeOn(failing);
    await add(store, of('jane'));
    await add(store, of('bob'));
    isGone = true;
    await store.of('jane').update(() => Promise.resolve(of('jane', 2)));
    assert.deepEqual(await people(store), ['*bob in file', 'jane in file']);
    assert.deepEqual([await store.of('jane').read(), kept.size], [of('jane', 2), 0]);
    assert.deepEqual(told, [file.where]);
  });

  it('moves to the file once, however many windows share from now on', async () => {
    await add(storeOn(keyring), of('jane'));
    shared = true;
    let reads = 0;
    // The second window sees the secret, and the first has moved it and renewed it before the second gets to it.
    const slow: Secrets = {
      ...keyring,
      get: async (key) => {
        const value = kept.get(key);
        if (++reads === 1) {
          await storeOn(keyring)
            .of('jane')
            .update(() => Promise.resolve(of('jane', 2)));
        }
        return value;
      },
    };
    assert.deepEqual(await storeOn(slow).read(), of('jane', 2));
    assert.deepEqual(await file.read(), of('jane', 2));
  });
});
