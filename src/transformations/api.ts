import type { JobRequest, Problem, Resources } from '../panda/index.ts';

/** A file the user has open or named, as far as a transformation needs to see it. */
export interface SourceFile {
  /** Absolute path, for messages and for the name of the job. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** What the user chose besides the file. */
export interface TransformationOptions {
  readonly name?: string;
  readonly arguments?: readonly string[];
  readonly site?: string;
  readonly resources?: Partial<Resources>;
  readonly outputs?: readonly string[];
}

export type BuildResult =
  | { readonly kind: 'requests'; readonly requests: readonly JobRequest[] }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Something that can be run: recognises its files, checks them, and turns them into job requests. */
export interface Transformation {
  readonly id: string;
  /** Shown to users: `HelloPanda`, `script`. */
  readonly label: string;
  readonly description: string;
  /** How sure it is that the file is its own: 0 not, 1 could run it, 2 made for it. */
  recognise(file: SourceFile): 0 | 1 | 2;
  /** Builds the requests, or says everything that is wrong, with where. */
  build(file: SourceFile | undefined, options: TransformationOptions): BuildResult;
}
