import type { DatabaseSync } from 'node:sqlite';
import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../panda/index.ts';
import { CATALOG_TABLES } from '../../datacat/catalogTables.ts';
import { TASK_TABLES } from './taskTables.ts';

type Attributes = readonly (readonly [name: string, kind: 'integer' | 'number' | 'text' | 'time'])[];

const TYPES = { integer: 'INTEGER', number: 'REAL', text: 'TEXT', time: 'INTEGER' } as const;

/** One column per attribute, in the order of the wire. */
function columns(attributes: Attributes, primaryKey: string): string {
  return attributes
    .map(([name, kind]) => `"${name}" ${TYPES[kind]}${name === primaryKey ? ' PRIMARY KEY' : ''}`)
    .join(', ');
}

/** Times are epoch milliseconds. `reports` are pilots' last words, waiting for the adder. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (${columns(JOB_ATTRIBUTES, 'PandaID')});
  CREATE INDEX IF NOT EXISTS jobsByState ON jobs (jobStatus, computingSite, currentPriority DESC, PandaID);
  CREATE INDEX IF NOT EXISTS jobsByName ON jobs (jobName);
  CREATE INDEX IF NOT EXISTS jobsByUser ON jobs (prodUserName, PandaID);
  CREATE TABLE IF NOT EXISTS files (${columns(FILE_ATTRIBUTES, 'row_ID')});
  CREATE INDEX IF NOT EXISTS filesByJob ON files (PandaID);
  CREATE TABLE IF NOT EXISTS transitions (
    id INTEGER PRIMARY KEY, PandaID INTEGER, jobStatus TEXT, jobSubStatus TEXT, time INTEGER, modificationHost TEXT
  );
  CREATE INDEX IF NOT EXISTS transitionsByJob ON transitions (PandaID);
  CREATE TABLE IF NOT EXISTS reports (PandaID INTEGER PRIMARY KEY, jobStatus TEXT, report TEXT, time INTEGER);
  CREATE TABLE IF NOT EXISTS cacheFiles (name TEXT PRIMARY KEY, owner TEXT, size INTEGER, checksum TEXT);
  CREATE TABLE IF NOT EXISTS definitionIds (owner TEXT PRIMARY KEY, jobDefinitionID INTEGER);
  CREATE TABLE IF NOT EXISTS secrets (owner TEXT, key TEXT, value TEXT, PRIMARY KEY (owner, key));
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
  CREATE INDEX IF NOT EXISTS jobsByTask ON jobs (jediTaskID, jobStatus) WHERE jediTaskID IS NOT NULL;
  ${TASK_TABLES}
  ${CATALOG_TABLES}
`;

const VERSION = 1;

/** The store was written by another version of this program. */
export class ForeignStoreError extends Error {}

export function createTables(database: DatabaseSync): void {
  const found = database.prepare('PRAGMA user_version').get()?.user_version;
  if (found !== 0 && found !== VERSION) {
    throw new ForeignStoreError(
      `its database has version ${String(found)}, this program writes version ${VERSION}`,
    );
  }
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${VERSION}; COMMIT`);
}
