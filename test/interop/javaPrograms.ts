import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { glob } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('java/', import.meta.url));

/** Our small Java programs, compiled. */
export interface JavaPrograms {
  /** Folder of Java's own programs. */
  readonly bin: string;
  readonly classPath: string;
}

/** Compiles the programs in `java/` into a folder. */
export async function compileJava(bin: string, libraries: string, folder: string): Promise<JavaPrograms> {
  const files: string[] = [];
  for await (const file of glob('**/*.java', { cwd: sources })) files.push(join(sources, file));
  await run(join(bin, 'javac'), ['-encoding', 'UTF-8', '-cp', libraries, '-d', folder, ...files]);
  return { bin, classPath: [folder, libraries].join(delimiter) };
}

/** A Java program that answers each line that it is sent by a line; words are divided by tabs. */
export class JavaProgram {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #said = '';

  constructor({ bin, classPath }: JavaPrograms, mainClass: string, ...args: readonly string[]) {
    const options = ['-Dfile.encoding=UTF-8', '-Djava.rmi.server.hostname=127.0.0.1', '-cp', classPath];
    const child = spawn(join(bin, 'java'), [...options, mainClass, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (bytes: Buffer) => (this.#said = (this.#said + bytes.toString()).slice(-4000)));
    child.stdin.on('error', () => undefined);
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** The next line. */
  async line(): Promise<readonly string[]> {
    const step = await this.#lines.next();
    if (step.done === true) throw new Error(`the Java program ended; it said:\n${this.#said}`);
    return step.value.split('\t');
  }

  /** Sends a line and gives the answer to it. */
  ask(...words: readonly string[]): Promise<readonly string[]> {
    this.#child.stdin?.write(`${words.join('\t')}\n`);
    return this.line();
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** Java's own registry at a port. It knows the classes of what it binds. */
export function startRmiRegistry({ bin, classPath }: JavaPrograms, port: number): { end(): Promise<void> } {
  const child = spawn(join(bin, 'rmiregistry'), [String(port)], {
    stdio: 'ignore',
    env: { ...process.env, CLASSPATH: classPath },
  });
  return {
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
