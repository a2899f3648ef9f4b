#!/usr/bin/env node
/** `desc-panda`: the command line's entry, which loads the rest only where it is needed, and this Node.js new enough for it. */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from './exitCodes.ts';
import { readVersion } from './version.ts';

const NEEDED = 22;
const dist = dirname(dirname(fileURLToPath(import.meta.url)));
const [first] = process.argv.slice(2);

if (Number(process.versions.node.split('.', 1)[0]) < NEEDED) {
  process.stderr.write(`desc-panda needs Node.js ${NEEDED} or newer; this is ${process.versions.node}.\n`);
  process.stderr.write(
    '→ Install a newer one; in a clone, node_modules/.bin/node dist/cli/main.js runs it\n',
  );
  process.exitCode = EXIT.usage;
} else if (first === '--version' || first === 'version') {
  printVersion();
} else {
  const { runProgram } = await import('./program.ts');
  await runProgram(dist);
}

function printVersion(): void {
  try {
    writeSync(1, `${readVersion(dist)}\n`);
  } catch {
    process.exitCode = EXIT.brokenPipe;
  }
}
