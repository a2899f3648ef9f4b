import * as vscode from 'vscode';
import { SANDBOX } from '../../panda/index.ts';
import { describeCounts, formatTime, systemClock } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { nameInUse } from '../profiles.ts';
import { runChecks, type CheckResult } from './checks.ts';

const marks = { works: '✓', fails: '✗', notUsed: '–' } as const;

/** The report of "Check connection", as plain text. Tells of no secret. */
export async function connectionReport(parts: Parts, signal: AbortSignal): Promise<string> {
  const name = await nameInUse(parts.profiles);
  const lines = [
    `PanDA connection: ${name}`,
    formatTime(systemClock.now()),
    '',
    ...(await connection(parts, signal)),
  ];
  if (name === SANDBOX) lines.push('', ...(await sandbox(parts)));
  const { version } = parts.extension.extension.packageJSON as { readonly version?: unknown };
  const { platform, versions } = process;
  lines.push(
    '',
    `Extension ${String(version)}, VS Code ${vscode.version}, Node ${versions.node}, ${platform}`,
  );
  return `${lines.join('\n')}\n`;
}

async function connection({ sessions }: Parts, signal: AbortSignal): Promise<readonly string[]> {
  const session = await sessions.open();
  if (session === undefined) return [noSession(sessions.state)];
  return (await runChecks(session.client, session.profile, systemClock, signal)).map(checkLine);
}

function noSession(state: Parts['sessions']['state']): string {
  switch (state.kind) {
    case 'sandboxStopped':
      return '✗ The sandbox is not running.\n  → Run "PanDA: Start sandbox".';
    case 'restricted':
      return '✗ This workspace is restricted.\n  → Trust it to connect.';
    case 'unusable': {
      const text = errorText(state.error);
      return `✗ ${[text?.message, text?.advice].filter(Boolean).join('\n  → ')}`;
    }
    case 'closed':
    case 'opening':
    case 'open':
      return '✗ The connection was closed while it was being made.\n  → Try again.';
  }
}

function checkLine({ title, outcome, finding }: CheckResult): string {
  return line(marks[outcome], title, finding);
}

function line(mark: string, title: string, finding: string): string {
  return `${mark} ${title.padEnd(12)} ${finding.replaceAll('\n', `\n${' '.repeat(15)}`)}`;
}

async function sandbox(parts: Parts): Promise<readonly string[]> {
  const { running, connection: where, dataFolder, jobs = {} } = await (await parts.sandbox()).status();
  const process = where === undefined ? '' : ` at ${where.url}, process ${where.pid}`;
  const lines = [
    line(running ? marks.works : marks.notUsed, 'Sandbox', `${running ? 'runs' : 'does not run'}${process}`),
    line(' ', 'Data folder', dataFolder),
  ];
  const counts = describeCounts(jobs);
  return counts === '' ? lines : [...lines, line(' ', 'Jobs', counts)];
}
