import { badRequest } from './refusal.ts';

/** What a request is about: names below the root, decoded, and the views that its matrix parameters select. */
export interface Target {
  readonly names: readonly string[];
  readonly version: number | 'current' | 'new' | undefined;
  /** A site, `all` or `master`. */
  readonly site: string | undefined;
  readonly children: 'all' | 'containers' | undefined;
  readonly metadata: 'metadata' | 'versionMetadata' | undefined;
  readonly stat: 'basic' | 'count' | 'dataset' | undefined;
}

/** `path` is what follows the endpoint, as it came: an encoded semicolon is part of a name. Throws CatalogRefusal. */
export function readTarget(path: string): Target {
  const names: string[] = [];
  const views = new Map<string, string>();
  for (const segment of path.split('/')) {
    const [name = '', ...parameters] = segment.split(';');
    if (name !== '') names.push(decoded(name));
    for (const parameter of parameters) addView(views, parameter);
  }
  const version = readVersion(views.get('v'));
  const children = readChoice(views, 'children', ['all', 'containers'] as const, 'all');
  const stat = readChoice(views, 'stat', ['basic', 'count', 'dataset'] as const, 'basic');
  const metadata = views.has('metadata')
    ? 'metadata'
    : views.has('versionMetadata')
      ? 'versionMetadata'
      : undefined;
  if (children !== undefined && metadata !== undefined) throw badView('children with metadata');
  if (stat !== undefined && version !== undefined) throw badView('stat with a version');
  return { names, version, site: readSite(views.get('s')), children, metadata, stat };
}

function addView(views: Map<string, string>, parameter: string): void {
  const equals = parameter.indexOf('=');
  const name = equals < 0 ? parameter : parameter.slice(0, equals);
  const value = equals < 0 ? '' : decoded(parameter.slice(equals + 1));
  if (['v', 's', 'children'].includes(name) && views.has(name)) throw badView(`two values for ${name}`);
  views.set(name, value);
}

function readVersion(value: string | undefined): Target['version'] {
  if (value === undefined) return undefined;
  if (value === 'curr' || value === 'current') return 'current';
  if (value === 'new' || value === 'next') return 'new';
  if (/^\d{1,9}$/u.test(value)) return Number(value);
  throw badView(`For input string: "${value}"`);
}

function readSite(value: string | undefined): string | undefined {
  return value === 'canonical' ? 'master' : value;
}

function readChoice<Choice extends string>(
  views: ReadonlyMap<string, string>,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice | undefined {
  const value = views.get(name);
  if (value === undefined) return undefined;
  if (value === '') return otherwise;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw badView(`${name} is not ${value}`);
  return found;
}

function badView(reason: string) {
  return badRequest('Unable to process view', reason);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('Unable to process path', `${text} is not encoded as it should be`);
  }
}
