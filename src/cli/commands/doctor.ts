import { checkLines, examine, LIMITS, ok, summary } from '../../diagnosis/index.ts';
import type { Check, Face, Step } from '../../diagnosis/index.ts';
import type { ResolvedProfile } from '../../panda/index.ts';
import { formatRelative } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Checks every hop between you and PanDA, and says what to change; safe to share',
  usage: ['doctor [options]'],
  options: [],
  examples: ['doctor', 'doctor --profile usdf --json'],
  async run(context) {
    const { io, out, services } = context;
    const checks: Check[] = [];
    const face = faceOf(context);
    const sections = examine(face, {
      now: () => io.clock.now(),
      random: io.random,
      signal: io.signal,
      limits: LIMITS,
      howToSignIn: 'desc-panda auth login',
      userAgent: `desc-panda/${services.version}`,
      variables: io.env,
      home: io.home,
    });
    for await (const { title, checks: found } of sections) {
      out.line(out.style.bold(cleanLine(title)));
      out.progress(`  ${title}…`);
      for await (const check of found) {
        checks.push(check);
        print(check, context);
      }
    }
    const exitCode = exitCodeOf(checks);
    out.result({ healthy: exitCode === EXIT.ok, exitCode, profile: profileShape(face.resolved), checks });
    out.line(summary(checks));
    return exitCode;
  },
};

/** What a failed check of a section ends the program with; of all others it is that PanDA cannot be used. */
const CODES: Readonly<Record<string, ExitCode>> = {
  profile: EXIT.usage,
  sandbox: EXIT.local,
  submissions: EXIT.local,
};

function exitCodeOf(checks: readonly Check[]): ExitCode {
  const first = checks.find(({ state }) => state === 'failed');
  return first === undefined ? EXIT.ok : (CODES[first.section] ?? EXIT.unreachable);
}

function faceOf(context: CommandContext): Face & { readonly resolved: ResolvedProfile | undefined } {
  const { connector, services } = context;
  let resolved: ResolvedProfile | undefined;
  return {
    about: `desc-panda ${services.version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    get resolved() {
      return resolved;
    },
    async choose() {
      resolved = await connector.choose();
      return resolved;
    },
    sandbox: sandboxStep(context),
    async connect(chosen) {
      const { profile, client, signIn, journal, deps } = await connector.connect();
      return {
        resolved: chosen,
        profile,
        client,
        signIn,
        journal,
        stores: deps.stores,
        stagingKeys: undefined,
      };
    },
  };
}

/** Starts it as everything else would, so that what keeps it from starting is found. */
function sandboxStep({ connector, io }: CommandContext): Step {
  return {
    name: 'running',
    tried: 'start the sandbox',
    run: async (signal) => {
      const control = await connector.sandbox();
      const before = await control.status();
      const { url, startedAt } = await control.start({ signal });
      const since = before.running
        ? `runs since ${formatRelative(startedAt, io.clock.now())}`
        : 'was not running, and started';
      return ok(`${since}, at ${url}; its data in ${before.dataFolder}`);
    },
  };
}

const COLOURS = { ok: 32, warning: 33, failed: 31, skipped: 90 } as const satisfies Record<
  Check['state'],
  number
>;

function print(check: Check, { out }: CommandContext): void {
  const shown = { ...check, detail: cleanLine(check.detail), advice: cleanLine(check.advice) };
  for (const line of checkLines(shown, (mark, state) => out.style.paint(mark, COLOURS[state]))) {
    out.line(line);
  }
}

function profileShape(resolved: ResolvedProfile | undefined) {
  if (resolved === undefined) return null;
  const { name, chosenBy, values } = resolved;
  return { name, chosenBy, values };
}
