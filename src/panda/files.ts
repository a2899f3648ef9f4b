import { randomUUID } from 'node:crypto';
import type { CallOptions, FilesApi } from './api.ts';
import { MultipartBody } from './apiCaller.ts';
import type { ApiCall, ApiCaller } from './apiCaller.ts';
import { connectionError } from './http/connectionError.ts';
import { refusal } from './wire/envelope.ts';
import { PandaError } from './errors/errors.ts';
import type { Http } from './http/types.ts';
import type { Identity } from './auth/identity.ts';
import type { Profile } from './profiles/profile.ts';
import { cacheChecksum, foundCacheFile, isNameTaken } from './wire/quirks.ts';
import { createReadRange } from './http/readRange.ts';
import { withRetries } from './http/retry.ts';
import type { RetryTools } from './http/retry.ts';

/** The server's limit for `sources.*` files; it refuses others from 10 MB on (newer ones: 100 MB). */
const LARGEST_FILE = 768 * 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 600_000;

export function createFilesApi(
  caller: ApiCaller,
  http: Http,
  identity: Identity,
  profile: Profile,
  tools: RetryTools,
  userAgent: string,
): FilesApi {
  const files: FilesApi = {
    async uploadCacheFile(name, content, options = {}) {
      const call = uploadCall(name, content, options);
      const envelope = await caller.envelope(call);
      if (!envelope.success) {
        throw refusal(envelope, caller.facts(call));
      }
    },
    async touchCacheFile(name, options = {}) {
      checkName(name);
      return (await caller.envelope(touchCall(name, options))).success;
    },
    async validateCacheFile(name, size, checksum, options = {}) {
      checkName(name);
      const envelope = await caller.envelope(validateCall(name, size, checksum, options));
      return envelope.success && foundCacheFile(envelope.message) === name;
    },
    async deleteCacheFile(name, options = {}) {
      checkName(name);
      await caller.data({
        path: 'file_server/delete_cache_file',
        tried: `delete the cache file ${name}`,
        body: { file_name: name },
        reads: false,
        signal: options.signal,
      });
    },
    cacheUrl(name) {
      checkName(name);
      return `${profile.cache}/cache/${name}`;
    },
    downloadCacheFile: (name, options = {}) =>
      download(http, tools, files.cacheUrl(name), `download ${name}`, userAgent, options),
    ensureCacheFile: (name, content, options = {}) => ensure(files, name, content, options),
    readRange: createReadRange(profile, http, identity, tools, userAgent),
  };
  return files;
}

/**
 * Uploads unless the cache holds the file. Where the upload is refused because the name is taken, or failed after the
 * file may have been stored, what the cache serves decides: another content under our name is an error, as a job would
 * run it.
 */
async function ensure(
  files: FilesApi,
  name: string,
  content: Uint8Array,
  options: CallOptions,
): Promise<void> {
  const checksum = cacheChecksum(content);
  if (checksum !== null && (await files.validateCacheFile(name, content.length, checksum, options))) {
    if (await files.touchCacheFile(name, options)) {
      return;
    }
  }
  try {
    await files.uploadCacheFile(name, content, options);
  } catch (error) {
    if (!(error instanceof PandaError) || !(isNameTaken(error.cameBack) || error.mayHaveActed)) {
      throw error;
    }
    const held = await heldContent(files, name, options);
    if (held === undefined) {
      throw error;
    }
    if (!Buffer.from(held).equals(content)) {
      throw new PandaError({
        kind: 'rejected',
        tried: error.tried,
        cameBack: 'the cache holds another file of this name',
        advice: 'Have the file sent under another name, and tell the operators of the cache',
      });
    }
  }
}

async function heldContent(
  files: FilesApi,
  name: string,
  options: CallOptions,
): Promise<Uint8Array | undefined> {
  try {
    return await files.downloadCacheFile(name, options);
  } catch (error) {
    if (error instanceof PandaError) {
      return undefined;
    }
    throw error;
  }
}

async function download(
  http: Http,
  tools: RetryTools,
  url: string,
  tried: string,
  userAgent: string,
  options: CallOptions,
): Promise<Uint8Array> {
  const facts = { tried: `${tried} from ${new URL(url).origin}`, changes: false };
  return withRetries(true, tools, options.signal, async () => {
    const answer = await http
      .send({
        method: 'GET',
        url,
        headers: { 'User-Agent': userAgent, 'Accept-Encoding': 'identity' },
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        maxBytes: LARGEST_FILE,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
      .catch((error: unknown) => {
        throw connectionError(error, facts);
      });
    if (answer.status === 200) {
      return answer.body;
    }
    throw new PandaError({
      kind: answer.status === 404 ? 'notFound' : 'protocol',
      tried: facts.tried,
      cameBack: answer.status === 404 ? 'the cache has no such file' : `HTTP ${answer.status}`,
      advice:
        answer.status === 404 ? 'Send the file again; the cache forgets after 7 days' : 'Try again later',
      status: answer.status,
    });
  });
}

function touchCall(name: string, options: CallOptions): ApiCall {
  return {
    path: 'file_server/touch_cache_file',
    tried: `keep the cache file ${name}`,
    body: { file_name: name },
    // Touching twice is as good as once.
    reads: true,
    signal: options.signal,
  };
}

function validateCall(name: string, size: number, checksum: string, options: CallOptions): ApiCall {
  return {
    path: 'file_server/validate_cache_file',
    tried: `look for the cache file ${name}`,
    body: { file_size: size, checksum },
    reads: true,
    signal: options.signal,
  };
}

function uploadCall(name: string, content: Uint8Array, options: CallOptions): ApiCall {
  checkName(name);
  const tried = `put ${name} into the cache`;
  if (content.length > LARGEST_FILE) {
    throw new PandaError({
      kind: 'rejected',
      tried,
      cameBack: `the file has ${content.length} bytes; the cache takes ${LARGEST_FILE}`,
      advice: 'Send a smaller file',
    });
  }
  return {
    path: 'file_server/upload_cache_file',
    tried,
    body: multipart(name, content),
    reads: false,
    pace: 'upload',
    signal: options.signal,
  };
}

function multipart(name: string, content: Uint8Array): MultipartBody {
  const boundary = `panda-${randomUUID()}`;
  const head =
    `--${boundary}\r\n` +
    `Content-Disposition: form-data; name="file"; filename="${name}"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n';
  const bytes = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return new MultipartBody(`multipart/form-data; boundary=${boundary}`, bytes);
}

/** The server drops folders from names; a name of ours never needs quoting, in a header, a URL or a shell. */
function checkName(name: string): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(name)) {
    throw new PandaError({
      kind: 'rejected',
      tried: 'use a cache file',
      cameBack: `${JSON.stringify(name.slice(0, 80))} is not a name for a cache file`,
      advice: 'Use up to 200 letters, digits, dots, hyphens and underscores',
    });
  }
}
