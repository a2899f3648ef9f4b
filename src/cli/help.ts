import type { Command } from './command.ts';
import { COMMON_OPTIONS } from './options.ts';
import type { OptionSpec } from './options.ts';

export function renderHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    'Runs jobs with PanDA: submit, watch, cancel, read logs.',
    '',
    'Usage: desc-panda COMMAND [options]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options:',
    ...optionLines([...COMMON_OPTIONS, { name: 'version', help: 'print the version' }]),
    '',
    'desc-panda COMMAND --help shows what a command takes. The profile sandbox is a PanDA on this machine,',
    'started when it is needed: desc-panda submit --hello --wait',
    '',
  ].join('\n');
}

export function renderCommandHelp(command: Command): string {
  return [
    `${command.summary}.`,
    '',
    ...command.usage.map((usage, index) => `${index === 0 ? 'Usage:' : '      '} desc-panda ${usage}`),
    '',
    'Options:',
    ...optionLines([...command.options, ...COMMON_OPTIONS]),
    ...(command.examples.length === 0
      ? []
      : ['', 'Examples:', ...command.examples.map((example) => `  desc-panda ${example}`)]),
    '',
  ].join('\n');
}

/** `-f, --follow` or `    --site NAME`, as in the help and in docs/cli.md. */
export function optionTitle({ name, short, value }: OptionSpec): string {
  const words = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? words : `-${short}, ${words}`;
}

function optionLines(options: readonly OptionSpec[]): string[] {
  const titles = options.map((option) => (option.short === undefined ? '    ' : '') + optionTitle(option));
  const width = Math.max(...titles.map((title) => title.length));
  return options.map(({ help }, index) => `  ${(titles[index] ?? '').padEnd(width)}  ${help}`);
}
