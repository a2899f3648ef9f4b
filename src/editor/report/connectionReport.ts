import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { checkLines, examine, failed, LIMITS, ok, summary } from '../../diagnosis/index.ts';
import type { Check, Face, Finding, Subject } from '../../diagnosis/index.ts';
import type { ResolvedProfile } from '../../panda/index.ts';
import { describeCounts, formatTime, systemClock } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import { RestrictedError } from '../sessions.ts';
import { createStagingCredentials, sessionCredentials } from '../staging/credentials.ts';

/**
 * Writes the report of "Check connection", as plain text without secrets: `show` is told all of it each time that there is
 * more.
 */
export async function writeConnectionReport(
  parts: Parts,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<void> {
  const { version } = parts.extension.extension.packageJSON as { readonly version?: unknown };
  const lines = ['PanDA connection', formatTime(systemClock.now())];
  const add = (...more: readonly string[]): void => {
    lines.push(...more);
    show(`${lines.join('\n')}\n`);
  };
  const { platform, arch, versions } = process;
  const about = `desc-panda ${String(version)}, VS Code ${vscode.version}, Node ${versions.node}, ${platform} ${arch}`;
  const sections = examine(faceOf(parts, about), {
    now: () => systemClock.now(),
    random: Math.random,
    signal,
    limits: LIMITS,
    howToSignIn: 'PanDA: Sign in',
    userAgent: `desc-panda/${String(version)} vscode/${vscode.version}`,
    variables: process.env,
    home: homedir(),
  });
  const checks: Check[] = [];
  for await (const { title, checks: found } of sections) {
    add('', title);
    for await (const check of found) {
      checks.push(check);
      add(...checkLines(check));
    }
  }
  add('', summary(checks));
}

function faceOf(parts: Parts, about: string): Face {
  return {
    about,
    choose: () => {
      if (!vscode.workspace.isTrusted) throw new RestrictedError();
      return parts.profiles.resolve();
    },
    sandbox: { name: 'running', tried: 'look for the sandbox', run: () => lookAtSandbox(parts) },
    connect: (resolved) => connect(parts, resolved),
  };
}

async function lookAtSandbox(parts: Parts): Promise<Finding> {
  const { running, connection, dataFolder, jobs = {} } = await (await parts.sandbox()).status();
  if (!running) {
    return failed(`it does not run; its data in ${dataFolder}`, 'Start it (PanDA: Start sandbox)');
  }
  const where = connection === undefined ? '' : ` at ${connection.url}, process ${connection.pid}`;
  const counts = describeCounts(jobs);
  return ok([`runs${where}`, `its data in ${dataFolder}`, counts].filter((part) => part !== '').join('; '));
}

async function connect({ sessions, extension, errors }: Parts, resolved: ResolvedProfile): Promise<Subject> {
  const session = await sessions.open();
  if (session === undefined) {
    const { state } = sessions;
    throw state.kind === 'unusable' ? state.error : new Error('The connection was closed while it was made');
  }
  const { profile, client, signIn, journal, staging: stores } = session;
  const kept = createStagingCredentials(extension.secrets);
  const stagingKeys = await sessionCredentials(profile, kept, errors.note);
  return { resolved, profile, client, signIn, journal, stores, stagingKeys };
}
