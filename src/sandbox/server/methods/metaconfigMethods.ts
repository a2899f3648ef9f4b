import type { ServerContext } from '../context.ts';
import { method, type MethodTable } from '../method.ts';
import { RESOURCE_TYPES } from '../rules/resourceTypes.ts';
import { succeeded } from '../wire/answer.ts';
import { str, withDefault } from '../wire/parameters.ts';

export function metaconfigMethods({ sites }: ServerContext): MethodTable {
  return {
    'metaconfig/get_site_specs': method(
      { secure: false, verb: 'GET' },
      { type: withDefault(str, 'analysis') },
      // All queues are unified ones; other types, known or not, have none.
      ({ type }) => succeeded(type === 'all' || type === 'unified' ? Object.fromEntries(sites.records) : {}),
    ),
    'metaconfig/get_resource_types': method({ verb: 'GET' }, {}, () =>
      succeeded(RESOURCE_TYPES.map(({ name, ...bounds }) => ({ resource_name: name, ...bounds }))),
    ),
    'metaconfig/get_banned_users': method({ verb: 'GET' }, {}, () => succeeded({})),
  };
}
