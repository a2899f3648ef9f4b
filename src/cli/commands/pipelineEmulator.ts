import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { SimulatedJobs } from '../../pipeline/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { DaemonAddress, EmulatorPlan } from '../pipeline/emulatorRun.ts';
import type { Args } from '../options.ts';
import { UsageError } from '../usageError.ts';

/** Figures of the pipeline's simulator. */
const FIGURES = { maxJobs: 10, jobTime: 100, sigma: 5, failureRate: 0 };
/** A task file larger than this (bytes) is none. */
const LARGEST = 16 * 1024 * 1024;

export const pipelineEmulatorCommand: Command = {
  name: 'pipeline-emulator',
  summary: 'Runs a task of the SLAC pipeline: a pipeline server to try a job control daemon with',
  usage: ['pipeline-emulator run TASK.xml [options]'],
  options: [
    { name: 'streams', value: 'N', help: 'streams to create, numbered from 1 (default 1)' },
    { name: 'task', value: 'NAME', help: 'which task of the file (default: its first)' },
    { name: 'define', value: 'A=1,B=2', help: 'variables of each stream' },
    {
      name: 'daemon',
      value: 'HOST:PORT',
      help: 'RMI registry of the daemon (default: one is started, with the sandbox unless --profile says otherwise)',
    },
    { name: 'service', value: 'NAME', help: 'its name there (default: the only JobControlService)' },
    { name: 'max-jobs', value: 'N', help: `jobs at a time (default ${FIGURES.maxJobs})` },
    {
      name: 'job-time',
      value: 'TIME',
      help: `run HelloPanda in place of each job for about so long (${FIGURES.jobTime}s)`,
    },
    {
      name: 'job-sigma',
      value: 'TIME',
      help: `the same; standard deviation of its time (${FIGURES.sigma}s)`,
    },
    { name: 'failure-rate', value: 'P', help: 'the same; probability that it fails, from 0 to 1 (0)' },
    {
      name: 'substreams',
      value: 'N',
      help: 'substreams where a script is more than the emulator runs (default: it fails)',
    },
    {
      name: 'state',
      value: 'FOLDER',
      help: 'keeps the run, which goes on there when it was broken off (default: a new one)',
    },
    {
      name: 'data-folder',
      value: 'FOLDER',
      help: 'of the sandbox, where jobs go there (default: the usual one)',
    },
    { name: 'cancel', help: 'cancel what has not ended; with --state' },
    {
      name: 'rollback',
      value: 'WHICH',
      help: 'first roll back what did not end well (failed), or process instances by their numbers (12,13); with --state',
    },
    {
      name: 'control',
      help: 'for programs, with --json: print each change, and obey lines of standard input: cancel KEY…, rollback KEY…',
    },
    { name: 'smtp-port', value: 'N', help: 'port for mails on this machine (default: any free one)' },
    { name: 'poll', value: 'TIME', help: 'between two questions for the states of jobs (default 5s)' },
    { name: 'report', value: 'FILE', help: 'also write a report: .md or .json' },
  ],
  examples: [
    'pipeline-emulator run phosim-dm.xml --streams 3',
    'pipeline-emulator run task.xml --streams 20 --job-time 10s --failure-rate 0.1 --substreams 5 --report run.md',
    'pipeline-emulator run task.xml --daemon desc-panda.example.org:1099 --smtp-port 2525',
  ],
  async run(context) {
    const { args } = context;
    const [word = '', file, more] = args.positionals;
    if (word !== 'run' || file === undefined || more !== undefined) {
      throw new UsageError(
        word === 'run' ? 'The emulator runs one task file.' : 'What is the emulator to do?',
        'Say pipeline-emulator run TASK.xml',
      );
    }
    const plan = await readPlan(file, context);
    const { runEmulator } = await import('../pipeline/emulatorRun.ts');
    return runEmulator(plan, context);
  },
};

async function readPlan(file: string, { args, io }: CommandContext): Promise<EmulatorPlan> {
  const path = resolve(io.cwd, file);
  const report = args.text('report');
  if (report !== undefined && !['.md', '.json'].includes(extname(report))) {
    throw new UsageError(`--report ${report}: a report is a .md or a .json.`, 'Name it so');
  }
  const state = args.text('state');
  const kept = { rollback: args.text('rollback') !== undefined, cancel: args.flag('cancel') };
  const keptOnly = (['rollback', 'cancel'] as const).find((name) => kept[name]);
  if (keptOnly !== undefined && state === undefined) {
    throw new UsageError(`--${keptOnly} goes on with a run that was kept.`, 'Name its folder with --state');
  }
  const simulated = readSimulated(args);
  const substreams = args.count('substreams', 0);
  const sandboxFolder = args.text('data-folder');
  return {
    file: path,
    xml: await readText(path, file),
    streams: args.count('streams', 1) ?? 1,
    task: args.text('task'),
    define: args.text('define') ?? '',
    daemon: readAddress(args),
    service: args.text('service'),
    sandboxFolder: sandboxFolder === undefined ? undefined : resolve(io.cwd, sandboxFolder),
    maxJobs: args.count('max-jobs', 1) ?? FIGURES.maxJobs,
    pollMs: (args.seconds('poll') ?? 5) * 1000,
    smtpPort: readPort(args.count('smtp-port', 0) ?? 0),
    folder: state === undefined ? undefined : resolve(io.cwd, state),
    rollback: readRollback(args),
    control: readControl(args),
    cancel: args.flag('cancel'),
    report: report === undefined ? undefined : resolve(io.cwd, report),
    ...(simulated === undefined ? {} : { simulated }),
    ...(substreams === undefined ? {} : { substreams }),
  };
}

function readSimulated(args: Args): SimulatedJobs | undefined {
  const names = ['job-time', 'job-sigma', 'failure-rate'];
  if (names.every((name) => args.text(name) === undefined)) return undefined;
  const rate = args.text('failure-rate') ?? String(FIGURES.failureRate);
  const failureRate = /^\d*\.?\d+$/.test(rate) ? Number(rate) : NaN;
  if (!(failureRate <= 1)) {
    throw new UsageError(
      `--failure-rate ${rate}: a number from 0 to 1 is needed.`,
      'Say 0.1 for every tenth job',
    );
  }
  return {
    jobTime: args.seconds('job-time') ?? FIGURES.jobTime,
    sigma: /^0+s?$/.test(args.text('job-sigma') ?? '') ? 0 : (args.seconds('job-sigma') ?? FIGURES.sigma),
    failureRate,
  };
}

/** Numbers of process instances; none: those that did not end well. */
function readRollback(args: Args): readonly number[] | undefined {
  const text = args.text('rollback');
  if (text === undefined) return undefined;
  if (text === 'failed') return [];
  if (/^\d{1,16}(?:,\d{1,16})*$/.test(text)) return text.split(',').map(Number);
  throw new UsageError(
    `--rollback ${text}: numbers are needed.`,
    'Say --rollback failed, or --rollback 12,13',
  );
}

function readControl(args: Args): boolean {
  const control = args.flag('control');
  if (control && !args.flag('json')) {
    throw new UsageError('--control speaks JSON only.', 'Add --json');
  }
  return control;
}

function readAddress(args: Args): DaemonAddress | undefined {
  const text = args.text('daemon');
  if (text === undefined) return undefined;
  const [, host, port = '1099'] = /^\[?([^\]\s]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new UsageError(`--daemon ${text}: an address is needed.`, 'Say HOST:PORT');
  return { host, port: readPort(Number(port)) };
}

function readPort(port: number): number {
  if (port > 65_535) throw new UsageError(`Port ${port}: ports end at 65535.`, 'Choose a smaller number');
  return port;
}

async function readText(path: string, file: string): Promise<string> {
  const content = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file} cannot be read (${code}).`, 'Check the name, and whether you may read it');
  });
  if (content.length > LARGEST) throw new UsageError(`${file} is too large.`, 'Name a task file');
  return content.toString();
}
