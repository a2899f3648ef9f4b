import type { IncomingMessage } from 'node:http';
import type { Identity } from './identity.ts';
import { plainText, refused, type Answer } from './wire/answer.ts';
import { bind, type Arguments, type Declaration, type Given } from './wire/parameters.ts';

/** Who calls, and with what request. */
export interface Caller {
  readonly identity: Identity;
  readonly request: IncomingMessage;
}

/** One method of the API: who may call it and how, and what it does with checked arguments. */
export interface Method {
  /** Needs an identity. */
  readonly secure: boolean;
  /** Needs the production or pilot role. */
  readonly production: boolean;
  readonly verb: 'GET' | 'POST' | undefined;
  /** `cast` where arguments came as text, in a query. */
  invoke(given: Given, cast: boolean, caller: Caller): Answer | Promise<Answer>;
  /** Takes a multipart body as it streams in; only of methods that take files. */
  readonly receive?: (caller: Caller) => Promise<Answer>;
}

/** Methods by `<module>/<method>`. A module that is not there answers as the server does: the method is forbidden. */
export type MethodTable = Readonly<Record<string, Method>>;

export interface MethodRules {
  readonly secure?: boolean;
  readonly production?: boolean;
  readonly verb?: 'GET' | 'POST';
  readonly receive?: (caller: Caller) => Promise<Answer>;
}

export function method<D extends Declaration>(
  { secure = true, production = false, verb, receive }: MethodRules,
  parameters: D,
  run: (values: Arguments<D>, caller: Caller) => Answer | Promise<Answer>,
): Method {
  return {
    secure,
    production,
    verb,
    ...(receive === undefined ? {} : { receive }),
    invoke: (given, cast, caller) => {
      const bound = bind(parameters, given, cast);
      return bound.ok ? run(bound.values, caller) : refused(bound.message);
    },
  };
}

/** Why a call is refused before its arguments are looked at; undefined where it is not. */
export function refusedCall(
  called: Method,
  identity: Identity | undefined,
  verb: string,
): Answer | undefined {
  if (called.secure && identity === undefined) return refused('SSL secure connection is required');
  if (called.production && identity?.production !== true) return refused('production or pilot role required');
  if (called.verb !== undefined && called.verb !== verb) {
    return refused(`expecting ${called.verb}, received ${verb}`);
  }
  return undefined;
}

/** Unknown methods, modules and versions all get this, never 404. */
export function forbiddenMethod(name: string): Answer {
  return plainText(403, `ERROR : method ${name} is forbidden`);
}
