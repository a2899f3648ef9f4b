import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { ConfigError, parseDaemonConfig } from '../../../../src/pipeline/index.ts';

const problems = (text: string): string[] => {
  try {
    parseDaemonConfig('c.yaml', text);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n');
  }
  return [];
};

/** Paths of all values, `mail.from`. */
const pathsIn = (value: object): string[] =>
  Object.entries(value).flatMap(([key, below]: [string, unknown]) =>
    typeof below === 'object' && below !== null && !Array.isArray(below)
      ? pathsIn(below).map((name) => `${key}.${name}`)
      : [key],
  );

/** Values whose keys are called otherwise in the file. */
const KEYS: Readonly<Record<string, string>> = {
  'log.maxBytes': 'log.maxSize',
  'mail.host': 'mail.server',
  'mail.login.user': 'mail.user',
  'mail.login.passwordFile': 'mail.passwordFile',
};

describe('the configuration of the job control service', () => {
  it('has defaults for all that may be left away', () => {
    assert.deepEqual(parseDaemonConfig('c.yaml', 'state: /s/\nusers: { glast: { profile: sandbox } }\n'), {
      state: '/s',
      users: [{ name: 'glast', service: 'JobControlService', profile: 'sandbox', prodUserName: undefined }],
      rmi: {
        host: undefined,
        port: 1099,
        publicHost: undefined,
        registryPort: undefined,
        allow: ['127.0.0.0/8', '::1'],
        answerSeconds: 120,
      },
      workingDirectories: { roots: [], obliterate: false },
      pollSeconds: 60,
      mail: undefined,
      log: { file: undefined, level: 'info', maxBytes: 10_485_760, keep: 5 },
      healthPort: undefined,
      keepDays: 90,
    });
  });

  it('takes several users and a registry of somebody else', () => {
    const { users, rmi } = parseDaemonConfig(
      'c.yaml',
      `state: /s
users:
  glast: { profile: slac, service: PandaJobControlService }
  lsst: { profile: cern, prodUserName: lsst production }
rmi: { registryPort: 1099, allow: [134.79.0.0/16, '2001:db8::/32'] }
`,
    );
    assert.deepEqual(
      users.map(({ name, service, prodUserName }) => [name, service, prodUserName]),
      [
        ['glast', 'PandaJobControlService', undefined],
        ['lsst', 'JobControlService', 'lsst production'],
      ],
    );
    assert.deepEqual([rmi.port, rmi.registryPort, rmi.allow.length], [0, 1099, 2]);
  });

  it('is refused with the place of everything that is wrong', () => {
    const text = `state: here
users:
  gl ast: { profil: sandbox }
rmi:
  port: 99999
  allow: [134.79.0.0/99, 10.0.0.0/8]
mail:
  from: somebody
  security: ssl
  user: me
polSeconds: 3
`;
    assert.deepEqual(problems(text), [
      'c.yaml:1:8: state has to be an absolute path.',
      'c.yaml:3:3: gl ast has to be a word of letters, digits, _ and dots.',
      'c.yaml:3:13: users.gl ast.profile is missing: it has to be a text of one line.',
      'c.yaml:3:13: There is no key users.gl ast.profil: did you mean profile?',
      'c.yaml:5:9: rmi.port has to be a whole number from 0 to 65535.',
      'c.yaml:6:11: rmi.allow has to be a network, as 134.79.0.0/16.',
      'c.yaml:8:3: mail.to is missing: it has to be a mail address.',
      'c.yaml:8:3: mail.server is missing: it has to be the name or address of a machine.',
      'c.yaml:8:9: mail.from has to be a mail address.',
      'c.yaml:9:13: mail.security has to be one of none, starttls, required, tls.',
      'c.yaml:10:9: mail.user and mail.passwordFile need each other.',
      'c.yaml:11:1: There is no key polSeconds: did you mean pollSeconds?',
    ]);
  });

  it('is told of each mistake once', () => {
    assert.deepEqual(problems('- 1\n'), ['c.yaml:1:1: A mapping is needed here.']);
    assert.deepEqual(problems('state: /s\nusers: []\n'), ['c.yaml:2:8: users has to be a mapping.']);
    assert.deepEqual(problems('state: /s\nusers: {a: sandbox}\n'), [
      'c.yaml:2:12: users.a has to be a mapping.',
    ]);
    assert.deepEqual(problems('state: /s\nusers: {}\n'), [
      'c.yaml:2:8: users has to name at least one user of the pipeline.',
    ]);
  });

  for (const [what, text, problem] of [
    ['an empty file', '', 'c.yaml:1:1: state is missing: it has to be an absolute path.'],
    ['a list', '- 1\n', 'c.yaml:1:1: A mapping is needed here.'],
    ['no users', 'state: /s\n', 'c.yaml:1:1: users has to name at least one user of the pipeline.'],
    [
      'a port for both',
      'state: /s\nusers: {a: {profile: p}}\nrmi: {port: 9109}\nhealthPort: 9109\n',
      'c.yaml:4:13: healthPort has to be another port than rmi.port, which is 9109.',
    ],
    ['a key that stands twice', 'state: /s\nstate: /t\n', 'c.yaml:2:1: The key state stands here twice.'],
  ] as const) {
    it(`is refused where it is ${what}`, () => {
      assert.ok(problems(text).includes(problem), problems(text).join('\n'));
    });
  }

  it('is explained key by key, with an example that can be used', async () => {
    const docs = await readFile(new URL('../../../../docs/operators.md', import.meta.url), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(docs)?.[1] ?? '';
    assert.deepEqual(problems(example), []);
    const section = /^## Configuration$(.*?)^## /ms.exec(docs)?.[1] ?? '';
    const named = [...section.matchAll(/^\| +(`.*?`) +\|/gm)].flatMap(([, cell = '']) =>
      cell.split(', ').map((key) => key.replaceAll('`', '')),
    );
    const config = parseDaemonConfig('c', example);
    assert.ok(config.mail !== undefined);
    const keys = pathsIn({ ...config, users: { '<name>': config.users[0] } })
      .map((key) => KEYS[key] ?? key)
      .filter((key) => key !== 'users.<name>.name');
    assert.deepEqual(named.toSorted(), [...keys, 'mail', 'users.<name>'].toSorted());
  });
});
