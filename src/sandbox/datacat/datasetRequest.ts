import { badRequest } from './refusal.ts';
import { LOCATION_FIELDS, type LocationFields } from './versions.ts';

/** A dataset of a request, its parts told apart: which of them are there decides what is made. */
export interface DatasetRequest {
  readonly name: string | undefined;
  readonly dataType: string | undefined;
  readonly fileFormat: string | undefined;
  /** Undefined where the request names no field of a version. */
  readonly version: VersionRequest | undefined;
  readonly locations: readonly LocationRequest[];
}

export interface VersionRequest {
  readonly versionId: number | 'new';
  readonly versionMetadata: unknown;
  readonly datasetSource: string | undefined;
  readonly processInstance: number | undefined;
  readonly taskName: string | undefined;
}

export type LocationRequest = {
  readonly site: string | undefined;
  readonly resource: string | undefined;
} & LocationFields;

type Fields = Readonly<Record<string, unknown>>;

const NODE_FIELDS = ['_type', 'name', 'dataType', 'fileFormat'];
const VERSION_FIELDS = ['versionId', 'versionMetadata', 'datasetSource', 'processInstance', 'taskName'];
const PLACE_FIELDS = ['site', 'resource'];

/** Reads the body of a request about a dataset. Throws CatalogRefusal. */
export function readDatasetRequest(body: unknown): DatasetRequest {
  const json = asObject(body);
  const known = [...NODE_FIELDS, ...VERSION_FIELDS, ...PLACE_FIELDS, ...LOCATION_FIELDS, 'locations', 'path'];
  refuseUnknown(json, known);
  const inline = [...PLACE_FIELDS, ...LOCATION_FIELDS].some((field) => json[field] !== undefined);
  const listed = json.locations === undefined ? [] : asList(json.locations);
  return {
    name: text(json, 'name', 255),
    dataType: text(json, 'dataType', 32)?.toUpperCase(),
    fileFormat: text(json, 'fileFormat', 20)?.toLowerCase(),
    version: VERSION_FIELDS.some((field) => json[field] !== undefined) ? readVersion(json) : undefined,
    locations: [...(inline ? [readLocation(json)] : []), ...listed.map((one) => readListed(one))],
  };
}

function readVersion(json: Fields): VersionRequest {
  const { versionId = 'new', versionMetadata } = json;
  const isNew = versionId === 'new' || versionId === 'next';
  if (!isNew && !(Number.isInteger(versionId) && (versionId as number) >= 0)) {
    throw invalid('versionId is neither a number nor new');
  }
  return {
    versionId: isNew ? 'new' : (versionId as number),
    versionMetadata,
    datasetSource: text(json, 'datasetSource', 20),
    processInstance: number(json, 'processInstance') ?? undefined,
    taskName: text(json, 'taskName', 30),
  };
}

function readListed(value: unknown): LocationRequest {
  const json = asObject(value);
  refuseUnknown(json, ['_type', ...PLACE_FIELDS, ...LOCATION_FIELDS]);
  return readLocation(json);
}

function readLocation(json: Fields): LocationRequest {
  const { master, scanned } = json;
  const checksum = text(json, 'checksum', 64);
  if (checksum !== undefined && !/^[0-9a-fA-F]+$/u.test(checksum))
    throw invalid('checksum is not hexadecimal');
  const given = {
    site: text(json, 'site', 20),
    resource: text(json, 'resource', 256),
    checksum: checksum?.toLowerCase(),
    scanStatus: text(json, 'scanStatus', 32),
    size: number(json, 'size'),
    runMin: number(json, 'runMin'),
    runMax: number(json, 'runMax'),
    eventCount: number(json, 'eventCount'),
    scanned: typeof scanned === 'string' ? Date.parse(scanned) || undefined : undefined,
    master: master === true ? 1 : undefined,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as LocationRequest;
}

export function asObject(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid('an object is missing');
}

export function refuseUnknown(json: Fields, known: readonly string[]): void {
  const stray = Object.keys(json).find((key) => !known.includes(key));
  if (stray !== undefined) throw invalid(`Unrecognized field "${stray}"`);
}

export function text(json: Fields, key: string, longest: number): string | undefined {
  const value = json[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '' && value.length <= longest) return value;
  throw invalid(`${key} is not a text of at most ${longest} characters`);
}

function number(json: Fields, key: string): number | undefined {
  const value = json[key];
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value)) return value as number;
  throw invalid(`${key} is not an integer`);
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length <= 100) return value;
  throw invalid('locations are not a list of at most 100');
}

function invalid(reason: string) {
  return badRequest('Unable to validate input', reason);
}
