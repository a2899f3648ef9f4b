import { isAbsolute, normalize } from 'node:path';
import { parseMemory, parseSeconds } from '../../transformations/index.ts';
import { isMailAddress } from '../mail/mailMessage.ts';
import type { SmtpSettings } from '../mail/smtp.ts';
import { createNetworkFilter, REGISTRY_PORT } from '../rmi/index.ts';
import { readConfig } from './configReader.ts';
import type { Section, TextRule } from './configReader.ts';
import type { LogConfig } from './logFile.ts';

/** One of the pipeline's users, whom a service is bound for. */
export interface UserConfig {
  /** As in the name that is bound: `<service>-<name>`. */
  readonly name: string;
  readonly service: string;
  /** Connection to PanDA; see docs/profiles.md. */
  readonly profile: string;
  /** Owner of the jobs at PanDA; undefined: the one of the profile. */
  readonly prodUserName: string | undefined;
}

export interface RmiConfig {
  /** Address to listen at; undefined: all of this machine. */
  readonly host: string | undefined;
  /** 0: a free one, which is then kept. */
  readonly port: number;
  /** How clients reach us; undefined: the name of this machine. */
  readonly publicHost: string | undefined;
  /** Port of an rmiregistry of this machine that names are bound in; undefined: our own, at `port`. */
  readonly registryPort: number | undefined;
  /** Networks whose callers are heard. */
  readonly allow: readonly string[];
  /** Seconds until a call is answered, if only to say that it takes longer. */
  readonly answerSeconds: number;
}

export interface DaemonConfig {
  /** Folder for the journal and for files of jobs. */
  readonly state: string;
  readonly users: readonly UserConfig[];
  readonly rmi: RmiConfig;
  readonly workingDirectories: { readonly roots: readonly string[]; readonly obliterate: boolean };
  /** Seconds for which an answer of PanDA is good. */
  readonly pollSeconds: number;
  /** Undefined: nobody is told by mail that jobs began and ended. */
  readonly mail: MailConfig | undefined;
  readonly log: LogConfig;
  /** Port of figures on the loopback interface; undefined: none. */
  readonly healthPort: number | undefined;
  /** Days for which jobs that ended are known. */
  readonly keepDays: number;
}

export interface MailConfig extends Omit<SmtpSettings, 'login'> {
  readonly from: string;
  readonly to: string;
  readonly login: { readonly user: string; readonly passwordFile: string } | undefined;
  /** Who sends: the daemon, or the job where it runs and the daemon only what is missing then. */
  readonly sender: 'daemon' | 'job';
}

/** Throws a ConfigError that names everything wrong. */
export function parseDaemonConfig(file: string, text: string): DaemonConfig {
  return readConfig(file, text, (root) => {
    const rmi = readRmi(root.section('rmi'));
    return {
      state: root.required('state', PATH, '/'),
      users: readUsers(root),
      rmi,
      workingDirectories: readWorkingDirectories(root.section('workingDirectories')),
      pollSeconds: root.text('pollSeconds', wholeNumber(1, 3600)) ?? 60,
      mail: readMail(root.optionalSection('mail')),
      log: readLog(root.section('log')),
      healthPort: readHealthPort(root, rmi.port),
      keepDays: root.text('keepDays', wholeNumber(1, 3650)) ?? 90,
    };
  });
}

function readHealthPort(root: Section, rmiPort: number): number | undefined {
  const port = root.text('healthPort', wholeNumber(0, 65_535));
  if (port !== undefined && port > 0 && port === rmiPort) {
    root.problem('healthPort', `healthPort has to be another port than rmi.port, which is ${rmiPort}.`);
  }
  return port;
}

function readUsers(root: Section): readonly UserConfig[] {
  return root.named('users', 'at least one user of the pipeline', WORD).map(([name, section]) => ({
    name,
    service: section.text('service', WORD) ?? 'JobControlService',
    profile: section.required('profile', NAME, ''),
    prodUserName: section.text('prodUserName', NAME),
  }));
}

function readRmi(section: Section): RmiConfig {
  const registryPort = section.text('registryPort', wholeNumber(1, 65_535));
  const port =
    section.text('port', wholeNumber(0, 65_535)) ?? (registryPort === undefined ? REGISTRY_PORT : 0);
  if (registryPort !== undefined && registryPort === port) {
    section.problem('registryPort', 'rmi.registryPort is the port of another program, and not rmi.port.');
  }
  return {
    host: section.text('host', NAME),
    port,
    publicHost: section.text('publicHost', HOST),
    registryPort,
    allow: section.texts('allow', NETWORK) ?? ['127.0.0.0/8', '::1'],
    answerSeconds: section.text('answerSeconds', SECONDS) ?? 120,
  };
}

function readWorkingDirectories(section: Section): DaemonConfig['workingDirectories'] {
  return {
    roots: section.texts('roots', PATH) ?? [],
    obliterate: section.flag('obliterate') ?? false,
  };
}

function readMail(section: Section | undefined): MailConfig | undefined {
  if (section === undefined) return undefined;
  const security = section.text('security', oneOf('none', 'starttls', 'required', 'tls')) ?? 'starttls';
  const user = section.text('user', NAME);
  const passwordFile = section.text('passwordFile', PATH);
  if ((user === undefined) !== (passwordFile === undefined)) {
    section.problem('user', 'mail.user and mail.passwordFile need each other.');
  }
  return {
    from: section.required('from', ADDRESS, ''),
    to: section.required('to', ADDRESS, ''),
    host: section.required('server', HOST, ''),
    port: section.text('port', wholeNumber(1, 65_535)) ?? (security === 'tls' ? 465 : 25),
    security,
    login: user === undefined || passwordFile === undefined ? undefined : { user, passwordFile },
    sender: section.text('sender', oneOf('daemon', 'job')) ?? 'daemon',
  };
}

function readLog(section: Section): LogConfig {
  return {
    file: section.text('file', PATH),
    level: section.text('level', oneOf('debug', 'info', 'warning', 'error')) ?? 'info',
    maxBytes: (section.text('maxSize', SIZE) ?? 10) * 1024 * 1024,
    keep: section.text('keep', wholeNumber(0, 100)) ?? 5,
  };
}

function oneOf<Choice extends string>(...choices: readonly Choice[]): TextRule<Choice> {
  return {
    what: choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`,
    parse: (text) => choices.find((choice) => choice === text),
  };
}

function matching(form: RegExp, what: string): TextRule<string> {
  return { what, parse: (text) => (form.test(text) ? text : undefined) };
}

function wholeNumber(least: number, most: number): TextRule<number> {
  return {
    what: `a whole number from ${least} to ${most}`,
    parse(text) {
      const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

const NAME = matching(/^[^\u0000-\u001f\u007f]{1,200}$/u, 'a text of one line');
const WORD = matching(/^[A-Za-z0-9_.]{1,100}$/, 'a word of letters, digits, _ and dots');
const HOST = matching(/^[A-Za-z0-9.:_-]{1,253}$/, 'the name or address of a machine');

const PATH: TextRule<string> = {
  what: 'an absolute path',
  parse: (text) =>
    isAbsolute(text) && !text.includes('\0') ? normalize(text).replace(/(.)\/+$/u, '$1') : undefined,
};

const SECONDS: TextRule<number> = {
  what: 'a time, as 90s, 10m or 2h',
  parse: (text) => parseSeconds(text),
};

const ADDRESS: TextRule<string> = {
  what: 'a mail address',
  parse: (text) => (isMailAddress(text) ? text : undefined),
};

const SIZE: TextRule<number> = { what: 'a size, as 10M', parse: (text) => parseMemory(text) };

const NETWORK: TextRule<string> = {
  what: 'a network, as 134.79.0.0/16',
  parse(text) {
    try {
      createNetworkFilter([text]);
      return text;
    } catch {
      return undefined;
    }
  },
};
