import { existsSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ServerContext } from '../context.ts';
import { isSafeName } from '../files/fileNames.ts';
import { receiveFile, type ReceivedFile } from '../files/receiveFile.ts';
import { cleanName } from '../../../panda/index.ts';
import { method, type Caller, type MethodTable } from '../method.ts';
import { refused, succeeded, type Answer } from '../wire/answer.ts';
import { int, intOrStr, required, str, type Kind } from '../wire/parameters.ts';
import { pythonTypeName } from '../wire/pythonText.ts';

const MB = 1024 * 1024;
/** By the beginning of the name: sources of a build may be large, other files are meant to be small. */
const SOURCES_LIMIT = 768 * MB;
const OTHER_LIMIT = 10 * MB;
/** A file whose name ends so may be sent again. */
const OVERWRITE = '.__ow__';

/** A file part of a multipart body: no JSON value is one. */
const file: Kind<never> = {
  check: (name, value) => ({
    ok: false,
    complaint: `'${name}' must be of type FileStorage, got ${pythonTypeName(value)}.`,
  }),
  cast: (name, value) => file.check(name, value),
};

export function fileMethods(context: ServerContext): MethodTable {
  const { store, folders } = context;
  return {
    'file_server/upload_cache_file': method(
      { verb: 'POST', receive: (caller) => upload(context, caller) },
      { file: required(file) },
      () => refused("Argument error: missing a required argument: 'file'"),
    ),
    'file_server/touch_cache_file': method({ verb: 'POST' }, { file_name: required(str) }, ({ file_name }) =>
      touch(folders.cache, basename(file_name)),
    ),
    // The server keeps files until they expire, whoever asks.
    'file_server/delete_cache_file': method({ verb: 'POST' }, { file_name: required(str) }, () =>
      succeeded(),
    ),
    'file_server/register_cache_file': method(
      { verb: 'POST', production: true },
      {
        user_name: required(str),
        file_name: required(str),
        file_size: required(int),
        checksum: required(str),
      },
      ({ user_name, file_name, file_size, checksum }) => {
        const facts = { name: file_name, owner: user_name, size: file_size, checksum };
        return register(context, facts) ? succeeded() : refused('WARNING: file exist');
      },
    ),
    'file_server/validate_cache_file': method(
      { verb: 'POST' },
      { file_size: required(int), checksum: required(intOrStr) },
      ({ file_size, checksum }, { identity }) => {
        const found = store.rows(
          'SELECT name FROM cacheFiles WHERE owner = ? AND size = ? AND checksum = ?',
          cleanName(identity.dn),
          file_size,
          String(checksum),
        )[0]?.[0];
        const isThere = typeof found === 'string' && existsSync(join(folders.cache, found));
        return isThere ? succeeded(null, `FOUND::${found}`) : refused('NOTFOUND');
      },
    ),
  };
}

async function upload(context: ServerContext, { request, identity }: Caller): Promise<Answer> {
  const { cache } = context.folders;
  const received = await receiveFile(request, {
    folder: cache,
    limit: (name) => (name.startsWith('sources.') ? SOURCES_LIMIT : OTHER_LIMIT),
    mayReplace: (name) => name.endsWith(OVERWRITE),
    temporaryName: `.upload-${context.uuid()}`,
  });
  switch (received.kind) {
    case 'stored':
      return registerUpload(context, received.file, cleanName(identity.dn));
    case 'noFile':
      return refused("Argument error: missing a required argument: 'file'");
    case 'unexpected':
      return refused(`Argument error: got an unexpected keyword argument '${received.field}'`);
    case 'exists':
      await touch(cache, received.name);
      return refused('ERROR: cannot overwrite file');
    case 'tooLarge':
      return refused(tooLarge(received.name, received.size));
    case 'failed':
      return refused(`ERROR: cannot write file: ${received.reason}`);
  }
}

function tooLarge(name: string, size: number): string {
  const isSources = name.startsWith('sources.');
  const limit = (isSources ? SOURCES_LIMIT : OTHER_LIMIT) / MB;
  const advice = isSources
    ? 'Please remove redundant files from your work area'
    : 'Please submit the job without --noBuild/--libDS since those options impose a tighter size limit';
  return `ERROR: upload failure. Exceeded size limit ${Math.floor(size / MB)} MB > ${limit} MB. ${advice}`;
}

interface CacheFileFacts {
  readonly name: string;
  readonly owner: string;
  readonly size: number;
  readonly checksum: string | null;
}

function registerUpload(
  context: ServerContext,
  { name, size, checksum }: ReceivedFile,
  owner: string,
): Answer {
  return register(context, { name, owner, size, checksum })
    ? succeeded()
    : refused('ERROR : failed to register sandbox to DB with WARNING: file exist');
}

/** False when a file of this name is registered already. */
function register({ store }: ServerContext, { name, owner, size, checksum }: CacheFileFacts): boolean {
  return store.transaction(() => {
    if (store.rows('SELECT 1 FROM cacheFiles WHERE name = ?', name).length > 0) return false;
    store.run('INSERT INTO cacheFiles VALUES (?, ?, ?, ?)', name, owner, size, checksum);
    return true;
  });
}

/** Keeps a file from expiring. */
async function touch(folder: string, name: string): Promise<Answer> {
  const now = new Date();
  const isTouched =
    isSafeName(name) &&
    (await utimes(join(folder, name), now, now).then(
      () => true,
      () => false,
    ));
  return isTouched
    ? succeeded()
    : refused("Failed to touch file with: <class 'FileNotFoundError'> [Errno 2] No such file or directory");
}
