import type { SystemApi } from './api.ts';
import type { ApiCall, ApiCaller } from './apiCaller.ts';
import { isObject, protocolError } from './wire/envelope.ts';

export function createSystemApi(caller: ApiCaller): SystemApi {
  return {
    async isAlive(options = {}) {
      await caller.data({
        path: 'system/is_alive',
        tried: 'get a sign of life',
        reads: true,
        pace: 'quick',
        signal: options.signal,
      });
    },
    async getAttributes(options = {}) {
      const call: ApiCall = {
        path: 'system/get_attributes',
        tried: 'get the attributes of the server',
        reads: true,
        signal: options.signal,
      };
      const data = await caller.data(call);
      if (!isObject(data)) {
        throw protocolError(caller.facts(call), 'the answer holds no attributes');
      }
      return data;
    },
    async whoAmI(options = {}) {
      const call: ApiCall = {
        path: 'system/get_user_attributes',
        tried: 'get the name of who asks',
        reads: true,
        signal: options.signal,
      };
      const data = await caller.data(call);
      if (!isObject(data) || typeof data.user_dn_clean !== 'string' || typeof data.user_dn_raw !== 'string') {
        throw protocolError(caller.facts(call), 'the answer names nobody');
      }
      const { user_dn_clean: user, user_dn_raw: dn, is_production_user: isProduction } = data;
      return { user, dn, isProduction: isProduction === true };
    },
  };
}
