import * as vscode from 'vscode';
import { formatSize } from '../../watch/index.ts';
import { schemes } from '../contributions.ts';
import { errorText } from '../errorText.ts';
import type { Sessions } from '../session.ts';
import type { FileLists } from './fileLists.ts';
import { parseFilePath, type FileAddress } from './fileUri.ts';
import { readJobFile } from './readJobFile.ts';

/** An editor keeps a file whole in memory; larger ones are to be downloaded. */
const LARGEST = 256 * 1024 * 1024;

/** Files of jobs as a read-only file system: they open, compare and search as others do. */
export function registerJobFileSystem(lists: FileLists, sessions: Sessions): vscode.Disposable {
  return vscode.workspace.registerFileSystemProvider(schemes.files, new JobFileSystem(lists, sessions), {
    isReadonly: true,
    isCaseSensitive: true,
  });
}

class JobFileSystem implements vscode.FileSystemProvider {
  readonly #lists: FileLists;
  readonly #sessions: Sessions;
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;

  constructor(lists: FileLists, sessions: Sessions) {
    this.#lists = lists;
    this.#sessions = sessions;
  }

  watch(): vscode.Disposable {
    // What a job left does not change.
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return explained(uri, async (address) => {
      const below = await this.#below(address);
      if (below !== undefined) return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      const { file } = await this.#lists.find(address);
      const time = file.modified ?? 0;
      const permissions = vscode.FilePermission.Readonly;
      return { type: vscode.FileType.File, ctime: time, mtime: time, size: file.size ?? 0, permissions };
    });
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return explained(uri, async (address) => {
      const below = await this.#below(address);
      if (below === undefined) throw vscode.FileSystemError.FileNotADirectory(uri);
      const types = below.map((name): [string, vscode.FileType] => {
        const [first = '', ...more] = name.split('/');
        return [first, more.length > 0 ? vscode.FileType.Directory : vscode.FileType.File];
      });
      return [...new Map(types)];
    });
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return explained(uri, async (address) => {
      const found = await this.#lists.find(address);
      const { name, size } = found.file;
      if (size !== null && size > LARGEST) {
        throw vscode.FileSystemError.Unavailable(
          `${name} has ${formatSize(size)}, too much for an editor. Download it.`,
        );
      }
      return readJobFile(found, LARGEST);
    });
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  /** Names below a folder; undefined where the address is none. */
  async #below({ profile, pandaId, name }: FileAddress): Promise<readonly string[] | undefined> {
    const session = await this.#sessions.open();
    if (session?.profile.name !== profile) return undefined;
    const { files, inputs } = await this.#lists.of(session, pandaId);
    const names = [...files, ...inputs].map((file) => file.name);
    if (name === '') return names;
    const below = names.flatMap((one) => (one.startsWith(`${name}/`) ? [one.slice(name.length + 1)] : []));
    return below.length === 0 ? undefined : below;
  }
}

/** The editor shows the message of a FileSystemError as it is. */
async function explained<T>(uri: vscode.Uri, work: (address: FileAddress) => Promise<T>): Promise<T> {
  const address = parseFilePath(uri.path);
  if (address === undefined) throw vscode.FileSystemError.FileNotFound(uri);
  try {
    return await work(address);
  } catch (error) {
    if (error instanceof vscode.FileSystemError) throw error;
    const text = errorText(error);
    if (text === undefined) throw error;
    const message = [text.message, text.advice].filter((part) => part !== '').join(' ');
    const isGone = error instanceof Error && 'kind' in error && error.kind === 'notFound';
    throw isGone ? vscode.FileSystemError.FileNotFound(message) : vscode.FileSystemError.Unavailable(message);
  }
}
