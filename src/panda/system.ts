import type { SystemApi } from './api.ts';
import type { ApiCall, ApiCaller } from './apiCaller.ts';
import { isObject, protocolError } from './envelope.ts';

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
  };
}
