import type { ResolvedProfile } from '../../panda/index.ts';
import { formatRelative } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { CONNECTION_CHECKS, runCheck } from '../doctorChecks.ts';
import type { CheckResult } from '../doctorChecks.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { failureOf } from '../failure.ts';
import { cleanLine } from '../render/style.ts';

type Row = Omit<CheckResult, 'state'> & {
  readonly name: string;
  readonly state: CheckResult['state'] | 'skipped';
};

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Checks every hop between you and PanDA, and says what to mend; safe to share',
  usage: ['doctor [options]'],
  options: [],
  examples: ['doctor', 'doctor --profile usdf --json'],
  async run(context) {
    const { io, out, services } = context;
    const rows: Row[] = [];
    const add = (row: Row): void => {
      const shared = {
        ...row,
        detail: withoutHome(row.detail, io.home),
        advice: withoutHome(row.advice, io.home),
      };
      rows.push(shared);
      printRow(shared, context);
    };
    add({
      name: 'program',
      state: 'ok',
      detail: `desc-panda ${services.version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
      advice: '',
    });
    const exitCode = await examine(context, add);
    out.result({ healthy: exitCode === EXIT.ok, exitCode, checks: rows });
    const trouble = rows.filter(({ state }) => state === 'failed').length;
    out.line(trouble === 0 ? 'All is well.' : `${trouble} of ${rows.length} checks failed.`);
    return exitCode;
  },
};

async function examine(context: CommandContext, add: (row: Row) => void): Promise<ExitCode> {
  const { connector, io } = context;
  let chosen: ResolvedProfile;
  try {
    chosen = await connector.choose();
  } catch (error) {
    const { message, advice, exitCode } = failureOf(error);
    add({ name: 'profile', state: 'failed', detail: message, advice });
    return exitCode;
  }
  add({ name: 'profile', state: 'ok', detail: describeProfile(chosen), advice: '' });
  if (chosen.profile === undefined && !(await examineSandbox(context, add))) return EXIT.local;
  const connection = await connector.connect();
  let exitCode: ExitCode = EXIT.ok;
  let reached = true;
  for (const check of CONNECTION_CHECKS) {
    if (!reached && check.name !== 'submissions') {
      add({ name: check.name, state: 'skipped', detail: 'the server does not answer', advice: '' });
      continue;
    }
    const result = await runCheck(() => check.run(context, connection));
    io.signal.throwIfAborted();
    add({ name: check.name, ...result });
    if (result.state !== 'failed') continue;
    if (check.name === 'server') reached = false;
    if (exitCode === EXIT.ok) exitCode = check.name === 'submissions' ? EXIT.local : EXIT.unreachable;
  }
  return exitCode;
}

/** Starts it as everything else would, so that what keeps it from starting is found. */
async function examineSandbox({ connector, io }: CommandContext, add: (row: Row) => void): Promise<boolean> {
  const result = await runCheck(async () => {
    const control = await connector.sandbox();
    const before = await control.status();
    const { url, startedAt } = await control.start({ signal: io.signal });
    const since = before.running
      ? `runs since ${formatRelative(startedAt, io.clock.now())}`
      : 'was not running, and started';
    return { state: 'ok', detail: `${since}, at ${url}; its data in ${before.dataFolder}`, advice: '' };
  });
  add({ name: 'sandbox', ...result });
  return result.state !== 'failed';
}

function describeProfile({ name, chosenBy, profile, values }: ResolvedProfile): string {
  const chosen = `${name} (${chosenBy})`;
  if (profile === undefined) return `${chosen}: a PanDA on this machine`;
  return [chosen, ...values.map(({ field, value, from }) => `${field} ${value} (${from})`)].join('; ');
}

const MARKS = {
  ok: ['✓', 32],
  warning: ['!', 33],
  failed: ['⊗', 31],
  skipped: ['○', 90],
} as const satisfies Record<Row['state'], readonly [string, number]>;

function printRow({ name, state, detail, advice }: Row, { out }: CommandContext): void {
  const [glyph, colour] = MARKS[state];
  out.line(`${out.style.paint(glyph, colour)} ${name.padEnd(11)}  ${cleanLine(detail)}`);
  if (advice !== '') out.line(`${' '.repeat(15)}→ ${cleanLine(advice)}`);
}

/** What is shared need not tell where somebody lives. */
function withoutHome(text: string, home: string): string {
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
