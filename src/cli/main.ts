#!/usr/bin/env node
/** `desc-panda`: the command line's entry, which asks for a Node.js that is new enough before anything else is loaded. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 22;

if (Number(process.versions.node.split('.', 1)[0]) < NEEDED) {
  process.stderr.write(`desc-panda needs Node.js ${NEEDED} or newer; this is ${process.versions.node}.\n`);
  process.stderr.write('→ Install a newer one, or run it with the one in node_modules\n');
  process.exitCode = 2;
} else {
  const { runProgram } = await import('./program.ts');
  await runProgram(dirname(dirname(fileURLToPath(import.meta.url))));
}
