import { readFile } from 'node:fs/promises';
import { DatacatError } from './errors.ts';

/** A key of a catalog that is signed with. */
export interface DatacatKey {
  readonly id: string;
  /** Base64. */
  readonly secret: string;
}

/**
 * Reads the key from the configuration file of the catalog's own client, section `[defaults]`: `auth_key_id` and
 * `auth_secret_key` (base64). Rejects with DatacatError.
 */
export async function readKeyFile(file: string): Promise<DatacatKey> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw unusable(file, code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  });
  const fields = defaultsOf(text);
  const id = fields.get('auth_key_id');
  const secret = fields.get('auth_secret_key');
  if (id === undefined || secret === undefined) {
    throw unusable(file, 'it names no auth_key_id and auth_secret_key under [defaults]');
  }
  if (/[\s:]|\p{Cc}/u.test(id) || !/^[A-Za-z0-9+/]+={0,2}$/u.test(secret)) {
    throw unusable(file, 'its auth_key_id has a blank or colon, or its auth_secret_key is not base64');
  }
  return { id, secret };
}

function defaultsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/u)) {
    const head = /^\s*\[([^\]]*)\]/u.exec(line)?.[1];
    if (head !== undefined) section = head.trim();
    const [, name, value] = /^\s*(\w+)\s*[=:]\s*(.*?)\s*$/u.exec(line) ?? [];
    if (section === 'defaults' && name !== undefined && value !== undefined && value !== '') {
      fields.set(name.toLowerCase(), value);
    }
  }
  return fields;
}

function unusable(file: string, cameBack: string): DatacatError {
  return new DatacatError({
    kind: 'unauthorised',
    tried: `read the key of the data catalog from ${file}`,
    cameBack,
    advice: 'Mend the file, or name another one as the datacat.authentication.file of the profile',
  });
}
