import type { ServerContext } from '../context.ts';
import { cleanName } from '../../../panda/index.ts';
import { method, type Method, type MethodTable } from '../method.ts';
import { secretsText, setSecret } from '../store/secrets.ts';
import { refused, succeeded } from '../wire/answer.ts';
import { optional, required, str, strList, type Declaration } from '../wire/parameters.ts';

/** Secrets of users. A sandbox holds no proxies, keys and tokens of others: nobody is let near them. */
export function credsMethods({ store }: ServerContext): MethodTable {
  return {
    'creds/set_user_secrets': method(
      { verb: 'POST' },
      { key: optional(str), value: optional(str) },
      ({ key, value }, { identity }) => {
        setSecret(store, cleanName(identity.dn), key, value);
        return succeeded(null, 'OK');
      },
    ),
    'creds/get_user_secrets': method(
      { verb: 'GET' },
      { keys: optional(strList) },
      ({ keys }, { identity }) => {
        // A real server joins the list with commas and takes it apart again; an empty one asks for all.
        const wanted = (keys ?? []).join(',');
        const named = wanted === '' ? undefined : new Set(wanted.split(','));
        return succeeded(secretsText(store, cleanName(identity.dn), { keys: named }));
      },
    ),
    'creds/get_key_pair': withoutRight(
      { public_key_name: required(str), private_key_name: required(str) },
      (name) => `Failed since '${name}' not authorized with 'k' in DOMA_PANDAMETA.USERS.GRIDPREF`,
    ),
    'creds/get_proxy': withoutRight({ role: optional(str), dn: optional(str) }, (name) =>
      notAmongCached(name, 'proxy'),
    ),
    'creds/get_access_token': withoutRight({ client_name: required(str), token_key: optional(str) }, (name) =>
      notAmongCached(name, 'access token'),
    ),
    'creds/get_token_key': withoutRight(
      { client_name: required(str) },
      (name) => `Denied since '${name}' not authorized with 't' in DOMA_PANDAMETA.USERS.GRIDPREF`,
    ),
  };
}

function withoutRight(parameters: Declaration, refusal: (name: string) => string): Method {
  return method({ verb: 'GET' }, parameters, (_values, { identity }) =>
    refused(refusal(cleanName(identity.dn))),
  );
}

function notAmongCached(name: string, what: string): string {
  return `failed: '${name}' not in authorized users with 'p' in DOMA_PANDAMETA.USERS.GRIDPREF to get ${what}`;
}
