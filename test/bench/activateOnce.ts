/**
 * Activates an extension entry, the first argument, against a `vscode` that does nothing; prints the times as JSON. The
 * second is what the entry loads and does not wait for.
 */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';

/** Whatever is called, made or read from it is it again; it extends, iterates over nothing, and is no promise. */
const nothing = `
const answer = (target, key) => {
  if (key === 'prototype') return target.prototype;
  if (key === 'then') return undefined;
  if (key === Symbol.iterator) return function* () {};
  if (key === Symbol.toPrimitive) return () => '';
  return nothing;
};
const nothing = new Proxy(class {}, {
  get: answer,
  set: () => true,
  apply: () => nothing,
  construct: (target, args, made) =>
    new Proxy(Reflect.construct(target, args, made), {
      get: (object, key, receiver) => (key in object ? Reflect.get(object, key, receiver) : answer(object, key)),
    }),
});
`;

/** A module with every name that the editor's API exports. */
function stubSource(): string {
  const types = createRequire(import.meta.url).resolve('@types/vscode/index.d.ts');
  const declared = readFileSync(types, 'utf8').matchAll(
    /^\s+export (?:abstract )?(?:class|enum|namespace|const|function|interface|type) (\w+)/gm,
  );
  const names = new Set([...declared].map(([, name]) => name ?? ''));
  return nothing + [...names].map((name) => `export const ${name} = nothing;`).join('\n');
}

const source = stubSource();
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: 'stub:vscode', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'stub:vscode' ? { format: 'module', source, shortCircuit: true } : next(url, context),
});
// What the editor itself has loaded long before.
await import('vscode');

interface Extension {
  activate(context: unknown): unknown;
}

const [, , entry, rest] = process.argv;
if (entry === undefined || rest === undefined) throw new Error('name the entry, and what it loads');
const begun = performance.now();
const extension = (await import(pathToFileURL(entry).href)) as Extension;
const loaded = performance.now() - begun;
await extension.activate(context());
const activated = performance.now() - begun;
await import(pathToFileURL(rest).href);
// What waits for the same import comes before us.
await Promise.resolve();
const opened = performance.now() - begun;
process.stdout.write(JSON.stringify({ loaded, activated, opened }));
process.exit(0);

function context(): unknown {
  const memento = { get: () => undefined, update: () => Promise.resolve(), keys: () => [] };
  const uri = { fsPath: tmpdir(), path: tmpdir(), scheme: 'file', toString: () => `file://${tmpdir()}` };
  return {
    subscriptions: [],
    globalState: { ...memento, setKeysForSync: () => undefined },
    workspaceState: memento,
    secrets: { get: () => Promise.resolve(undefined), onDidChange: () => ({ dispose: () => undefined }) },
    extensionPath: tmpdir(),
    extensionUri: uri,
    globalStorageUri: uri,
    logUri: uri,
    extension: { id: 'lsst-desc.desc-panda', packageJSON: { version: '0.0.0' } },
    asAbsolutePath: (path: string) => path,
  };
}
