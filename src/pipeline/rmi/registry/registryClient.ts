import type { CallOptions, RmiClient } from '../jrmp/client.ts';
import { REGISTRY_ID } from '../jrmp/ids.ts';
import type { Argument, Result } from '../jrmp/methods.ts';
import { remoteRefOf, stubOf } from '../jrmp/remoteRef.ts';
import type { Endpoint, RemoteRef } from '../jrmp/remoteRef.ts';
import { RmiError } from '../jrmp/errors.ts';
import { SerialError } from '../serial/errors.ts';
import type { JavaValue } from '../serial/model.ts';
import { STRING_ARRAY } from '../serial/javaClasses.ts';
import { arrayOf, javaString, stringOf } from '../serial/values.ts';
import { REGISTRY } from './registryInterface.ts';
import type { RegistryMethodName } from './registryInterface.ts';

/**
 * A registry somewhere, be it Java's or ours. Calls reject as those of `RmiClient`; a Java registry lets only callers of
 * its own machine bind, and needs the interface with all classes of its methods on its class path.
 */
export interface RegistryClient {
  /** Throws a JavaThrowable of class `java.rmi.NotBoundException` where the name is not bound. */
  lookup(name: string, options?: CallOptions): Promise<RemoteRef>;
  list(options?: CallOptions): Promise<readonly string[]>;
  bind(name: string, ref: RemoteRef, options?: CallOptions): Promise<void>;
  rebind(name: string, ref: RemoteRef, options?: CallOptions): Promise<void>;
  unbind(name: string, options?: CallOptions): Promise<void>;
}

export function createRegistryClient(client: RmiClient, endpoint: Endpoint): RegistryClient {
  const target = { ...endpoint, objId: REGISTRY_ID };
  const call = (
    name: RegistryMethodName,
    args: readonly Argument[],
    options: CallOptions | undefined,
  ): Promise<Result> => client.call(target, REGISTRY[name], args, options);
  const understood = <T>(read: (value: JavaValue) => T, result: Result): T => {
    try {
      return read(typeof result === 'object' ? result : null);
    } catch (error) {
      if (!(error instanceof SerialError)) throw error;
      const tried = `understand the registry at ${endpoint.host}:${endpoint.port}`;
      throw new RmiError('protocol', tried, error.message, error);
    }
  };
  return {
    lookup: async (name, options) =>
      understood(remoteRefOf, await call('lookup', [javaString(name)], options)),
    list: async (options) =>
      understood(
        (value) => arrayOf(value, STRING_ARRAY).map((one) => stringOf(one) ?? ''),
        await call('list', [], options),
      ),
    bind: async (name, ref, options) => {
      await call('bind', [javaString(name), stubOf(ref, false)], options);
    },
    rebind: async (name, ref, options) => {
      await call('rebind', [javaString(name), stubOf(ref, false)], options);
    },
    unbind: async (name, options) => {
      await call('unbind', [javaString(name)], options);
    },
  };
}
