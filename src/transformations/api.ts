import type { InputFile, JobRequest, Problem, Resources } from '../panda/index.ts';
import type { Diagnostic } from './diagnostics.ts';

/** A file the user has open or named, as far as a transformation needs to see it. */
export interface SourceFile {
  /** Absolute path, for messages and for the name of the job. */
  readonly path: string;
  /** As it stands in the editor, or on disk. */
  readonly content: Uint8Array;
  /** The content is only the first 64 KiB of a large file: what needs more reads it from disk. */
  readonly cut?: boolean;
}

/** A file that a script finds beside it. */
export interface FileBeside extends SourceFile {
  /** Below the job's directory, `/` between folders. */
  readonly name: string;
}

/** What the user chose besides the file. */
export interface TransformationOptions {
  readonly name?: string;
  readonly arguments?: readonly string[];
  readonly site?: string;
  readonly resources?: Partial<Resources>;
  readonly outputs?: readonly string[];
  /** Values of the transformation's own parameters. */
  readonly parameters?: ParameterValues;
  /** The jobs go to a sandbox: where no software is named, a stand-in runs. */
  readonly sandbox?: boolean;
  /** Files of the user are staged one by one; else they go along in a tarball, as far as they fit. */
  readonly staged?: boolean;
  /** Files that go along with a script. */
  readonly beside?: readonly FileBeside[];
}

/** By the name of the parameter; a file is an absolute path. */
export type ParameterValues = Readonly<Record<string, readonly string[]>>;

/** Something that can be chosen for one transformation only: an option on the command line, a field of a form. */
export interface Parameter {
  /** `sensor`: lower-case, words joined by `-`. */
  readonly name: string;
  /** In forms: `Sensors`. */
  readonly label: string;
  /** In the help, in place of the value: `LIST`. */
  readonly value: string;
  readonly help: string;
  /** `file`: of this machine, and sent along. */
  readonly kind: 'text' | 'file' | 'count' | 'choice';
  readonly choices?: readonly string[];
  readonly multiple?: boolean;
  /** Few change it: forms show it when asked for more, or when it has a value. */
  readonly seldom?: boolean;
}

export type BuildResult =
  | {
      readonly kind: 'requests';
      readonly requests: readonly JobRequest[];
      /** What the jobs are called together, where that is not the name of the file. */
      readonly name?: string;
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** A file that was read, together with those it names. */
export interface Reading {
  /** One line for people: `visit 900001, r, 7 objects`. */
  readonly description: string;
  /** Everything worth knowing about its content, in the order of its lines. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that go along, the source itself included. */
  readonly files: readonly InputFile[];
  /** As `Transformation.build`; quick, so that a form can call it at every keystroke. */
  build(options: TransformationOptions): BuildResult;
}

/** Something that can be run: recognises its files, checks them, and turns them into job requests. */
export interface Transformation {
  readonly id: string;
  /** Shown to users: `HelloPanda`, `script`. */
  readonly label: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** How sure it is that the file is its own: 0 not, 1 could run it, 2 made for it. */
  recognise(file: SourceFile): 0 | 1 | 2;
  /**
   * Reads a file and what it names, without blocking. The options matter as far as they name files. Rejects with the
   * reason of the signal only: what cannot be read is among the diagnostics and problems.
   */
  read(file: SourceFile | undefined, options: TransformationOptions, signal?: AbortSignal): Promise<Reading>;
  /**
   * Builds the requests, or says everything that is wrong, with where. Of a transformation whose files name others
   * only what `read` gives can do it; this then says so.
   */
  build(file: SourceFile | undefined, options: TransformationOptions): BuildResult;
}
