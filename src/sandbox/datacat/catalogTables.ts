/** Times are epoch milliseconds; metadata and permissions are JSON. The root has no parent. */
export const CATALOG_TABLES = `
  CREATE TABLE IF NOT EXISTS catalogNodes (
    pk INTEGER PRIMARY KEY AUTOINCREMENT, parentPk INTEGER, kind TEXT, name TEXT, description TEXT, metadata TEXT,
    permissions TEXT, dataType TEXT, fileFormat TEXT, created INTEGER, UNIQUE (parentPk, name)
  );
  CREATE TABLE IF NOT EXISTS catalogVersions (
    pk INTEGER PRIMARY KEY AUTOINCREMENT, datasetPk INTEGER, versionId INTEGER, datasetSource TEXT,
    processInstance INTEGER, taskName TEXT, metadata TEXT, created INTEGER, modified INTEGER, UNIQUE (datasetPk, versionId)
  );
  CREATE TABLE IF NOT EXISTS catalogLocations (
    pk INTEGER PRIMARY KEY AUTOINCREMENT, versionPk INTEGER, site TEXT, resource TEXT, size INTEGER, checksum TEXT,
    runMin INTEGER, runMax INTEGER, eventCount INTEGER, master INTEGER, scanStatus TEXT, created INTEGER,
    modified INTEGER, scanned INTEGER, UNIQUE (versionPk, site)
  );
`;
