import type { IncomingMessage } from 'node:http';
import { cleanName } from '../../../panda/index.ts';
import type { Identity } from '../identity.ts';
import { method, type Caller, type Method, type MethodTable } from '../method.ts';
import { succeeded, type Answer } from '../wire/answer.ts';
import { pythonLiteral } from '../wire/pythonText.ts';

export function systemMethods(): MethodTable {
  return {
    'system/is_alive': method({ secure: false, verb: 'GET' }, {}, () => succeeded()),
    'system/get_attributes': attributesMethod(),
    'system/get_user_attributes': method({ verb: 'GET' }, {}, (_values, { identity }) =>
      userAttributes(identity),
    ),
    'system/get_voms_attributes': method({ verb: 'GET' }, {}, () => succeeded({})),
  };
}

/** Takes any argument and gives it back, with what the server knows of the request. */
function attributesMethod(): Method {
  return {
    secure: true,
    production: false,
    verb: 'GET',
    invoke: (given, _cast, { request, identity }: Caller) => {
      const parameters = Object.fromEntries(given);
      const environment = describeRequest(request, identity);
      const lines = [
        '===== param =====',
        ...Object.entries(parameters).map(([name, value]) => `${name} = ${String(value)}`),
        '',
        '====== env ======',
        ...Object.entries(environment).map(([name, value]) => `${name} : ${value}`),
        '',
      ];
      return succeeded({ parameters, environment }, lines.join('\n'));
    },
  };
}

/** Headers that carry secrets are named, not shown. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

function describeRequest(request: IncomingMessage, identity: Identity): Readonly<Record<string, string>> {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
    SECRET_HEADERS.has(name) ? '<hidden>' : String(value),
  ]);
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const facts: Record<string, string> = {
    ...Object.fromEntries(headers),
    QUERY_STRING: query,
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    REQUEST_METHOD: request.method ?? '',
    REQUEST_SCHEME: 'http',
    REQUEST_URI: request.url ?? '',
    SCRIPT_NAME: path,
    SERVER_PROTOCOL: `HTTP/${request.httpVersion}`,
    SERVER_SOFTWARE: 'desc-panda sandbox',
    SSL_CLIENT_S_DN: identity.dn,
  };
  return Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function userAttributes({ dn, fqans, production }: Identity): Answer {
  const name = cleanName(dn);
  const message = [
    `User DN (raw): ${dn}`,
    `User DN (bare): ${dn}`,
    `User DN (clean): ${name}`,
    'Email address: None',
    `FQANs: ${pythonLiteral(fqans)}`,
    `Production user: ${pythonLiteral(production)}`,
    'Production working groups: []',
    'Primary production working group: None',
    '',
  ].join('\n');
  const data = {
    user_dn_raw: dn,
    user_dn_clean: name,
    fqans,
    is_production_user: production,
    production_working_groups: [],
    primary_working_group: null,
  };
  return succeeded(data, message);
}
