import { basename, extname } from 'node:path';
import type { CacheFile, InputFile, Problem } from '../../panda/index.ts';
import type { BuildResult, FileBeside, SourceFile, Transformation, TransformationOptions } from '../api.ts';
import { checkOptions, withDefaults } from '../checks.ts';
import { inputOf, readAlone } from '../readAlone.ts';
import { payloadFile, type ReadPayload } from '../payloads.ts';
import { MAX_TARBALL, packTarball } from '../tarball.ts';

/** A script of the user's own. */
export function scriptTransformation(readPayload: ReadPayload): Transformation {
  // A form builds at every keystroke, and a sweep for each of its jobs: a script is looked at once.
  const known = new WeakMap<SourceFile, PackedScript>();
  const knownStaged = new WeakMap<SourceFile, PackedScript>();
  const pack = (file: SourceFile, staged: boolean, beside: readonly FileBeside[]): PackedScript => {
    if (beside.length > 0) return packScript(file, staged, beside);
    const scripts = staged ? knownStaged : known;
    const packed = scripts.get(file) ?? packScript(file, staged, beside);
    scripts.set(file, packed);
    return packed;
  };
  const build = (
    file: SourceFile | undefined,
    options: TransformationOptions,
    files: readonly InputFile[],
  ): BuildResult => {
    const { staged = false, beside = [] } = options;
    const script = file === undefined ? NO_SCRIPT : pack(file, staged, beside);
    const problems = [...script.problems, ...checkOptions(options)];
    if (file === undefined || problems.length > 0) return { kind: 'problems', problems };
    const { tarball } = script;
    return {
      kind: 'requests',
      requests: [
        {
          name: options.name ?? basename(file.path),
          transformation: { id: 'script', payload: payloadFile('run-script.sh', readPayload), tarball },
          arguments: options.arguments ?? [],
          site: options.site,
          resources: withDefaults(options.resources),
          outputs: options.outputs ?? [],
          inputs: staged ? [...files, ...beside.map(inputBeside)] : [],
          pipeline: undefined,
        },
      ],
    };
  };
  return {
    id: 'script',
    label: 'script',
    description: 'Your own shell or Python script, or any other that begins with #!',
    parameters: [],
    recognise: (file) => {
      if (file.content.includes(0)) return 0;
      return hasShebang(file.content) || interpreterOf(file.path) !== undefined ? 2 : 0;
    },
    build: (file, options) => build(file, options, file === undefined ? [] : [inputOf(file)]),
    read: (file) => readAlone(file, 'A script', (options, files) => build(file, options, files)),
  };
}

interface PackedScript {
  readonly problems: readonly Problem[];
  /** Undefined where there are problems. */
  readonly tarball: CacheFile | undefined;
}

const NO_SCRIPT: PackedScript = {
  problems: [{ where: 'file', message: 'No script is given.' }],
  tarball: undefined,
};

function packScript(file: SourceFile, staged: boolean, beside: readonly FileBeside[]): PackedScript {
  const problems = checkScript(file, staged);
  if (problems.length > 0) return { problems, tarball: undefined };
  const start = { name: LAUNCHER, content: launcher(file), executable: true };
  const script = { name: basename(file.path), content: file.content, executable: true };
  const others = beside.map(({ name, content }) => ({ name, content, executable: hasShebang(content) }));
  const tarball = packTarball(staged ? [start] : [start, script, ...others]);
  return tarball.content.length > MAX_TARBALL
    ? { problems: [tooLarge(file)], tarball: undefined }
    : { problems, tarball };
}

function inputBeside({ name, path, content }: FileBeside): InputFile {
  return { name, path, size: content.length };
}

const LAUNCHER = '.desc-panda/run';
const NEWLINE = 0x0a;
const RETURN = 0x0d;

const INTERPRETERS: ReadonlyMap<string, string> = new Map([
  ['.py', 'python3'],
  ['.sh', 'sh'],
]);

function interpreterOf(path: string): string | undefined {
  return INTERPRETERS.get(extname(path).toLowerCase());
}

function hasShebang(content: Uint8Array): boolean {
  return content[0] === 0x23 && content[1] === 0x21;
}

/** The script that starts the user's: by its own #! line, else with the interpreter of its extension. */
function launcher(file: SourceFile): Uint8Array {
  const path = quote(`./${basename(file.path)}`);
  // A staged file has lost its rights on the way.
  const start = hasShebang(file.content)
    ? `chmod u+x ${path} && exec ${path}`
    : `exec ${interpreterOf(file.path) ?? 'sh'} ${path}`;
  return Buffer.from(`#!/bin/sh\n${start} "$@"\n`);
}

/** One word for a POSIX shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function checkScript(file: SourceFile, staged: boolean): Problem[] {
  const { content, path } = file;
  const name = basename(path);
  if (name === '' || !name.isWellFormed() || /[\u0000-\u001f\u007f\ufffd]/u.test(name)) {
    return [{ where: 'file', message: `The file name is not plain text (UTF-8): ${JSON.stringify(name)}` }];
  }
  if (file.cut === true || (content.length > MAX_TARBALL && !staged)) return [tooLarge(file)];
  if (isBlank(content)) return [{ where: 'file', message: `The script is empty: ${name}` }];
  return checkContent(file, name);
}

function checkContent({ content, path }: SourceFile, name: string): Problem[] {
  const nul = content.indexOf(0);
  if (nul >= 0) {
    const message = `Not a script but a binary file (byte ${nul} is NUL): ${name}`;
    return [{ where: `line ${lineOf(content, nul)}`, message }];
  }
  const shebang = hasShebang(content);
  if (!shebang && interpreterOf(path) === undefined) {
    const message = `How to run it is not known: begin it with a #! line, or name it .sh or .py: ${name}`;
    return [{ where: 'line 1', message }];
  }
  const windowsLine = content.findIndex((byte, at) => byte === RETURN && content[at + 1] === NEWLINE);
  if (windowsLine >= 0 && (shebang ? lineOf(content, windowsLine) === 1 : interpreterOf(path) === 'sh')) {
    const message = `Lines end as on Windows (CR LF), which shells do not understand: save it with LF: ${name}`;
    return [{ where: `line ${lineOf(content, windowsLine)}`, message }];
  }
  return [];
}

function tooLarge({ path, content, cut }: SourceFile): Problem {
  const size = cut === true ? '' : ` (${(content.length / 1024 ** 2).toFixed(1)} MB)`;
  return { where: 'file', message: `Larger than the 10 MB that PanDA takes: ${basename(path)}${size}` };
}

function isBlank(content: Uint8Array): boolean {
  return content.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function lineOf(content: Uint8Array, offset: number): number {
  return content.subarray(0, offset).filter((byte) => byte === NEWLINE).length + 1;
}
