import { expand } from '../taskXml/expression.ts';
import type { Lookup } from '../taskXml/expression.ts';
import type { TaskFile, Variable } from '../taskXml/model.ts';
import { awaited } from './dependencies.ts';
import { streamPath, taskPath } from './instances.ts';
import type { Instance, Stream } from './instances.ts';

/** Variables that stand for each other. */
const MOST_DEPTH = 40;

/** A text with the variables that a process instance sees. */
export function expandFor(file: TaskFile, instance: Instance, text: string): string {
  return text.includes('${') ? expand(text, lookupFor(file, instance)).text : text;
}

/** All variables that a process instance sees, worked out, by name. */
export function variablesFor(file: TaskFile, instance: Instance): ReadonlyMap<string, string> {
  const lookup = lookupFor(file, instance);
  const names = [...rawVariables(file, instance).keys()];
  return new Map(names.map((name) => [name, String(lookup(name) ?? '')]));
}

/**
 * What a name stands for, for a process instance. Its own declarations come first, then what those that it waited for have
 * set, what its stream was given, what its task declares; then the same of the streams around it, and the file.
 */
export function lookupFor(file: TaskFile, instance: Instance): Lookup {
  const raw = rawVariables(file, instance);
  const known = new Map<string, string>();
  const open = new Set<string>();
  const lookup: Lookup = (name) => {
    const builtIn = builtInFor(instance, name);
    if (builtIn !== undefined) return builtIn;
    const text = raw.get(name);
    // A variable that stands for itself stands for nothing.
    if (text === undefined || open.has(name) || open.size >= MOST_DEPTH) return undefined;
    const done = known.get(name);
    if (done !== undefined) return done;
    open.add(name);
    const value = expand(text, lookup).text;
    open.delete(name);
    known.set(name, value);
    return value;
  };
  return lookup;
}

function builtInFor({ process, stream }: Instance, name: string): string | number | undefined {
  switch (name) {
    case 'pipeline.stream':
      return stream.number;
    case 'pipeline.streamPath':
      return streamPath(stream);
    case 'pipeline.task':
      return stream.task.name;
    case 'pipeline.taskPath':
      return taskPath(stream);
    case 'pipeline.process':
      return process.name;
    default:
      return undefined;
  }
}

/** As they are declared, by name; later ones take the place of earlier ones, so that the nearest come last. */
function rawVariables(file: TaskFile, instance: Instance): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  addDeclared(found, file.variables);
  addStream(found, instance.stream);
  for (const upstream of upstreamOf(instance)) addAll(found, upstream.variables);
  addDeclared(found, instance.process.variables);
  return found;
}

function addStream(found: Map<string, string>, { parent, creator, task, variables }: Stream): void {
  if (parent !== undefined) addStream(found, parent);
  if (creator !== undefined)
    for (const instance of [...upstreamOf(creator), creator]) addAll(found, instance.variables);
  addDeclared(found, task.variables);
  addAll(found, variables);
}

/** All that an instance waited for, directly or not, the farthest first. */
function upstreamOf(instance: Instance): readonly Instance[] {
  const found = new Set<Instance>();
  let level: readonly Instance[] = awaited(instance);
  while (level.length > 0) {
    const next: Instance[] = [];
    for (const upstream of level) {
      if (found.has(upstream)) continue;
      found.add(upstream);
      next.push(...awaited(upstream));
    }
    level = next;
  }
  return [...found].reverse();
}

function addDeclared(found: Map<string, string>, variables: readonly Variable[]): void {
  for (const { name, value } of variables) found.set(name, value);
}

function addAll(found: Map<string, string>, variables: ReadonlyMap<string, string>): void {
  for (const [name, value] of variables) found.set(name, value);
}
