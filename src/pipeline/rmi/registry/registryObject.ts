import { REGISTRY_ID } from '../jrmp/ids.ts';
import { valueArgument } from '../jrmp/methods.ts';
import type { Argument, Result } from '../jrmp/methods.ts';
import { isLocalAddress } from '../jrmp/networks.ts';
import type { RemoteObject } from '../jrmp/remoteObject.ts';
import { isStub, receivedRefOf, stubFor, stubOf } from '../jrmp/remoteRef.ts';
import type { RemoteRef } from '../jrmp/remoteRef.ts';
import { SerialError } from '../serial/errors.ts';
import { JavaThrowable } from '../serial/javaThrowable.ts';
import type { JavaObject, JavaValue } from '../serial/model.ts';
import { javaStringArray, stringOf } from '../serial/values.ts';
import { REGISTRY_METHODS } from './registryInterface.ts';

export interface RegistryOptions {
  /** Whether a caller is on this machine: only from there names may be bound. For tests. */
  readonly isLocal?: (address: string) => boolean;
  /** Keeps leases on the objects of others that are bound here. */
  readonly leases?: {
    hold(ref: RemoteRef): Promise<void>;
    release(ref: RemoteRef): void;
  };
}

/** The names of remote objects, as rmiregistry has them; to be exported by a server. */
export interface Registry {
  readonly object: RemoteObject;
  /** Binds a name of ours; nobody can take it from us by a call. */
  bind(name: string, ref: RemoteRef): void;
  unbind(name: string): void;
  names(): readonly string[];
}

interface Binding {
  readonly stub: JavaObject;
  readonly ours: boolean;
}

const MOST_NAMES = 1000;
const LONGEST_NAME = 1000;

/** Classes that stubs are made of; no other may come. */
const ADMITTED =
  /^java\.(?:rmi\.server\.(?:RemoteObject|RemoteStub|RemoteObjectInvocationHandler)|lang\.reflect\.Proxy)$|_Stub$/;

export function createRegistry(options: RegistryOptions = {}): Registry {
  return new RegistryObject(options);
}

class RegistryObject implements Registry {
  readonly #isLocal: (address: string) => boolean;
  readonly #leases: RegistryOptions['leases'];
  readonly #bindings = new Map<string, Binding>();
  readonly object: RemoteObject = {
    objId: REGISTRY_ID,
    interfaces: ['java.rmi.registry.Registry'],
    methods: REGISTRY_METHODS,
    guard: {
      limits: { bytes: 1024 * 1024, items: 10_000, depth: 20, arrayLength: 10_000 },
      checkClass(className) {
        if (!ADMITTED.test(className)) throw new SerialError('refused', className);
      },
    },
    invoke: (method, args, { caller }) => this.#invoke(method.name, args, caller.address),
  };

  constructor({ isLocal = isLocalAddress, leases }: RegistryOptions) {
    this.#isLocal = isLocal;
    this.#leases = leases;
  }

  bind(name: string, ref: RemoteRef): void {
    this.unbind(name);
    this.#bindings.set(name, { stub: stubOf(ref, true), ours: true });
  }

  unbind(name: string): void {
    const known = this.#bindings.get(name);
    this.#bindings.delete(name);
    const ref = known === undefined || known.ours ? undefined : usableRef(known.stub);
    if (ref !== undefined) this.#leases?.release(ref);
  }

  names(): readonly string[] {
    return [...this.#bindings.keys()];
  }

  async #invoke(method: string, args: readonly Argument[], origin: string): Promise<Result> {
    if (method === 'list') return javaStringArray(this.names());
    const name = stringOf(valueArgument(args, 0));
    if (name === null) throw new JavaThrowable('java.lang.NullPointerException');
    if (method === 'lookup') return this.#bound(name).stub;
    this.#checkOrigin(method, name, origin);
    if (method === 'unbind') {
      this.#bound(name);
      this.unbind(name);
    } else {
      await this.#put(name, valueArgument(args, 1), method === 'rebind');
    }
    return undefined;
  }

  async #put(name: string, value: JavaValue, replace: boolean): Promise<void> {
    if (!isStub(value)) throw new SerialError('type', 'what is bound is no java.rmi.Remote');
    const known = this.#bindings.has(name);
    if (known && !replace) throw new JavaThrowable('java.rmi.AlreadyBoundException', name);
    if (!known && (name.length > LONGEST_NAME || this.#bindings.size >= MOST_NAMES)) {
      throw new JavaThrowable('java.rmi.AccessException', 'too many or too long names');
    }
    this.unbind(name);
    this.#bindings.set(name, { stub: stubFor(value, true), ours: false });
    const ref = usableRef(value);
    // As a Java registry does: whoever binds is answered when what is bound has its lease.
    if (ref !== undefined) await this.#leases?.hold(ref);
  }

  #bound(name: string): Binding {
    const found = this.#bindings.get(name);
    if (found !== undefined) return found;
    throw new JavaThrowable('java.rmi.NotBoundException', name);
  }

  #checkOrigin(method: string, name: string, origin: string): void {
    const problem = !this.#isLocal(origin)
      ? `origin /${origin} is non-local host`
      : this.#bindings.get(name)?.ours === true
        ? `${name} belongs to the service that keeps this registry`
        : undefined;
    if (problem === undefined) return;
    throw new JavaThrowable('java.rmi.AccessException', `Registry.${method} disallowed; ${problem}`);
  }
}

/** Undefined for a stub that we could not call, as one behind a socket factory. */
function usableRef(stub: JavaObject): RemoteRef | undefined {
  try {
    return receivedRefOf(stub)?.ref;
  } catch (error) {
    if (error instanceof SerialError) return undefined;
    throw error;
  }
}
