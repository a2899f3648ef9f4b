import type {
  ContainerChanges,
  DatasetChanges,
  NewContainer,
  NewDataset,
  NewLocation,
  NewVersion,
} from './api.ts';
import { DatacatError } from './errors.ts';
import { encodeMetadata } from './metadata.ts';
import { checkedName } from './paths.ts';

type Body = Readonly<Record<string, unknown>>;

/** Columns of the catalog's database, characters; what is longer is refused there with an error that does not say so. */
const LONGEST = { dataType: 32, fileFormat: 20, site: 20, taskName: 30, resource: 256 } as const;

export function encodeContainer({ kind, name, description, metadata }: NewContainer): Body {
  return {
    _type: kind,
    name: checkedName(name),
    ...given({ description }),
    ...(metadata === undefined ? {} : { metadata: encodeMetadata(metadata) }),
  };
}

export function encodeDataset({ name, dataType, fileFormat, version }: NewDataset): Body {
  return {
    _type: 'dataset',
    name: checkedName(name),
    dataType: short('dataType', dataType),
    fileFormat: short('fileFormat', fileFormat),
    ...(version === undefined ? {} : versionFields(version)),
  };
}

export function encodeVersion(version: NewVersion): Body {
  return { _type: 'dataset', ...versionFields(version) };
}

export function encodeLocations(locations: readonly NewLocation[]): Body {
  return { _type: 'dataset', ...locationFields(locations) };
}

export function encodeDatasetChanges(changes: DatasetChanges): Body {
  const { metadata, processInstance, taskName, location = {} } = changes;
  return {
    _type: 'dataset',
    ...(metadata === undefined ? {} : { versionMetadata: encodeMetadata(metadata) }),
    ...given({ processInstance, taskName: optional('taskName', taskName) }),
    ...given(location),
  };
}

export function encodeContainerChanges(
  kind: 'folder' | 'group',
  { description, metadata }: ContainerChanges,
): Body {
  return {
    _type: kind,
    ...given({ description }),
    ...(metadata === undefined ? {} : { metadata: encodeMetadata(metadata) }),
  };
}

function versionFields({ id, metadata, processInstance, taskName, locations = [] }: NewVersion): Body {
  return {
    versionId: id ?? 'new',
    ...(metadata === undefined ? {} : { versionMetadata: encodeMetadata(metadata) }),
    ...given({ processInstance, taskName: optional('taskName', taskName) }),
    ...locationFields(locations),
  };
}

/** One location stands in the dataset itself, several in a list. */
function locationFields(locations: readonly NewLocation[]): Body {
  const encoded = locations.map(({ site, resource, size, checksum }) => ({
    site: short('site', site),
    resource: short('resource', resource),
    ...given({ size, checksum }),
  }));
  const [only] = encoded;
  if (only === undefined) return {};
  if (encoded.length === 1) return only;
  return { locations: encoded.map((location) => ({ _type: 'location', ...location })) };
}

function given(fields: Body): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function optional(field: keyof typeof LONGEST, value: string | undefined): string | undefined {
  return value === undefined ? undefined : short(field, value);
}

function short(field: keyof typeof LONGEST, value: string): string {
  const most = LONGEST[field];
  if (value !== '' && value.length <= most && !/\p{Cc}/u.test(value)) return value;
  throw new DatacatError({
    kind: 'rejected',
    tried: `register with ${field} ${JSON.stringify(value.slice(0, 300))}`,
    cameBack: `it has ${value.length} characters; 1 to ${most} on one line can be stored`,
    advice: 'Shorten it; nothing was sent',
  });
}
