import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stat } from 'node:fs/promises';
import { createPandaClient } from '../../../src/panda/index.ts';
import type { InputFile, PandaClient, Profile, StagingSettings } from '../../../src/panda/index.ts';
import { createStagingStores } from '../../../src/staging/index.ts';
import type { StagingStores } from '../../../src/staging/index.ts';
import { createSubmissionJournal } from '../../../src/watch/index.ts';
import type { SubmissionJournal, SubmitJobsDeps } from '../../../src/watch/index.ts';
import { hastyClock } from './submission/plans.ts';
import { startSubmissionServer } from './submission/server.ts';
import type { SubmissionServer } from './submission/server.ts';

/** A PanDA, a journal and a place to stage, for submissions from this process. */
export interface StagingWorld {
  readonly server: SubmissionServer;
  readonly folder: string;
  readonly journal: SubmissionJournal;
  /** Where the folder store of `folderSettings` lies. */
  readonly staged: string;
  /** Without settings the profile stages nothing. */
  deps(staging?: StagingSettings, stores?: StagingStores): SubmitJobsDeps;
  /** Writes a file of the user's. */
  write(name: string, content: string | Uint8Array): Promise<InputFile>;
  /** Everything that the journal has written down. */
  journalText(): Promise<string>;
}

/** One for each test of a suite. */
export function stagingWorld(): StagingWorld {
  let server: SubmissionServer;
  let client: PandaClient;
  let folder = '';
  let opened: StagingStores[] = [];
  const world = {
    get server() {
      return server;
    },
    get folder() {
      return folder;
    },
    get staged() {
      return join(folder, 'staging');
    },
    get journal() {
      return createSubmissionJournal(join(folder, 'journal'));
    },
    deps(staging?: StagingSettings, given?: StagingStores): SubmitJobsDeps {
      const profile: Profile = { ...server.profile, ...(staging === undefined ? {} : { staging }) };
      const stores = given ?? createStagingStores(TEST_KEYS);
      opened.push(stores);
      const uploadsFolder = join(folder, 'uploads');
      return {
        client,
        profile,
        journal: world.journal,
        clock: hastyClock(),
        random: Math.random,
        stores,
        uploadsFolder,
      };
    },
    async write(name: string, content: string | Uint8Array): Promise<InputFile> {
      const path = join(folder, 'files', name);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, content);
      const { size, mtimeMs } = await stat(path);
      return { name, path, size, modified: mtimeMs };
    },
    async journalText() {
      const at = join(folder, 'journal', 'sandbox');
      const names = await readdir(at).catch(() => []);
      return (await Promise.all(names.map((name) => readFile(join(at, name), 'utf8')))).join('');
    },
  };
  beforeEach(async () => {
    server = await startSubmissionServer();
    client = createPandaClient(server.profile, { delay: () => Promise.resolve() });
    folder = await mkdtemp(join(tmpdir(), "staged it's "));
  });
  afterEach(async () => {
    client.dispose();
    for (const stores of opened) stores.dispose();
    opened = [];
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return world;
}

export const TEST_KEYS = { kind: 'keys', accessKeyId: 'AKIDTEST', secretAccessKey: 'verysecret' } as const;

export function folderSettings({ staged }: StagingWorld): StagingSettings {
  return { kind: 'folder', folder: staged };
}

export function s3Settings(endpoint: string, bucket = 'desc'): StagingSettings {
  return {
    kind: 's3',
    bucket,
    prefix: 'panda',
    endpoint,
    region: undefined,
    pathStyle: undefined,
    caFile: undefined,
    credentialsProfile: undefined,
    checksums: undefined,
  };
}
