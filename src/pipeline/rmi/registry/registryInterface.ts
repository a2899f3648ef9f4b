import { numbered, remoteMethod } from '../jrmp/methods.ts';
import type { RemoteMethod } from '../jrmp/methods.ts';

/** Port of a registry where none is said. */
export const REGISTRY_PORT = 1099;

const REGISTRY_HASH = 4905912898345647071n;

/** The methods of java.rmi.registry.Registry in the order of their numbers. */
const BY_HASH = {
  bind: remoteMethod('bind', '(Ljava/lang/String;Ljava/rmi/Remote;)V'),
  list: remoteMethod('list', '()[Ljava/lang/String;'),
  lookup: remoteMethod('lookup', '(Ljava/lang/String;)Ljava/rmi/Remote;'),
  rebind: remoteMethod('rebind', '(Ljava/lang/String;Ljava/rmi/Remote;)V'),
  unbind: remoteMethod('unbind', '(Ljava/lang/String;)V'),
};

export type RegistryMethodName = keyof typeof BY_HASH;

/** As all clients of Java's call them: by numbers. */
export const REGISTRY = Object.fromEntries(
  Object.entries(BY_HASH).map(([name, method], number) => [name, numbered(method, number, REGISTRY_HASH)]),
) as Readonly<Record<RegistryMethodName, RemoteMethod>>;

/** Both ways to call them; stubs made for the interface use hashes. */
export const REGISTRY_METHODS: readonly RemoteMethod[] = [
  ...Object.values(REGISTRY),
  ...Object.values(BY_HASH),
];
