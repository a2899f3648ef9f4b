/** Where a sandbox serves its data catalog. */
export const CATALOG_PATH = '/datacat/r';

export function isCatalogPath(path: string): boolean {
  return path === CATALOG_PATH || path.startsWith(`${CATALOG_PATH}/`);
}
