/** Small rules of the repository that no linter knows. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/** Files that git has or would take, with `/`; empty where this is not a git checkout. */
export function ownFiles(): string[] {
  if (!existsSync(join(root, '.git'))) return [];
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0');
  return listed.filter((file) => file !== '' && existsSync(join(root, file)));
}

const textFile = /(\.(ts|mjs|cjs|js|json|md|sh|css|html|svg|ya?ml)|^\.ci\/run)$/;
/** Somebody's home folder; names made up for examples pass. */
const homeFolder =
  /(?<![\w.~])\/(?:home|Users)\/(?!(?:user|you|me|ada|alice|bob|jane)\b)[A-Za-z][\w.-]*\/[\w.-]+/;

/** Everything that breaks a rule, as `file:line: what`. */
export function repositoryProblems(files: readonly string[]): string[] {
  return files.filter((file) => textFile.test(file)).flatMap((file) => problemsOf(file, read(file)));
}

export function problemsOf(file: string, text: string): string[] {
  const rule =
    file === 'package-lock.json' ? registryHost : file.startsWith('test/fixtures/') ? undefined : machine;
  if (rule === undefined) return [];
  return text.split('\n').flatMap((line, index) => {
    const problem = rule(line);
    return problem === undefined ? [] : [`${file}:${index + 1}: ${problem}`];
  });
}

/** The lock file must install from whatever registry the user has. */
function registryHost(line: string): string | undefined {
  return /"resolved":\s*"https?:/.test(line)
    ? 'names a registry; run npm install with the .npmrc here'
    : undefined;
}

function machine(line: string): string | undefined {
  const found = line.includes(`${root}/`) ? root : homeFolder.exec(line)?.[0];
  return found === undefined ? undefined : `a path of one machine: ${found}`;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
