/** What a `panda-files:` address names: a job's folder, or a file in it. */
export interface FileAddress {
  readonly profile: string;
  readonly pandaId: number;
  /** As in `JobFile.name`; empty for the folder. */
  readonly name: string;
}

/** `/<profile>/<PandaID>/<name>`. */
export function filePath({ profile, pandaId, name }: FileAddress): string {
  const folder = `/${encodeURIComponent(profile)}/${pandaId}`;
  return name === '' ? folder : `${folder}/${name}`;
}

/** Undefined for anything else: an address can be typed by hand. */
export function parseFilePath(path: string): FileAddress | undefined {
  const [, profile, id, name = ''] = /^\/([^/]+)\/(\d{1,16})(?:\/(.*))?$/s.exec(path) ?? [];
  if (profile === undefined || id === undefined) return undefined;
  try {
    return { profile: decodeURIComponent(profile), pandaId: Number(id), name: name.replace(/\/+$/, '') };
  } catch {
    return undefined;
  }
}
