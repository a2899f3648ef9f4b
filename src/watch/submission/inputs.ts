import type { InputFile, JobRequest, Problem, Profile, StagedInput } from '../../panda/index.ts';
import { checkName, checkOutputName, StagingError } from '../../staging/index.ts';
import { SubmissionError } from './error.ts';

/** Files that jobs need besides their payload and tarball. */
export interface WantedInputs {
  /** To be sent. */
  readonly files: readonly InputFile[];
  /** Staged for earlier jobs. */
  readonly staged: readonly StagedInput[];
}

/** Tells files apart as jobs know them: the same one under two names is two. */
export const inputId = (input: InputFile | StagedInput): string =>
  `${'path' in input ? input.path : input.sha256}\0${input.name}`;

/** Gathers what jobs fetch, each file once: thousands of jobs fetch the same. */
export class DistinctInputs {
  readonly #profile: Profile;
  readonly #files = new Map<string, InputFile>();
  readonly #staged = new Map<string, StagedInput>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Says what is wrong with the names of a job's files. Throws a SubmissionError where they have no way to it. */
  add({ inputs = [], stagedInputs = [], outputs }: JobRequest): readonly Problem[] {
    if (this.#profile.staging === undefined) {
      if (inputs.length + stagedInputs.length > 0) throw nowhere(this.#profile);
      return [];
    }
    for (const file of inputs) this.#files.set(inputId(file), file);
    for (const file of stagedInputs) this.#staged.set(inputId(file), file);
    const names = [...inputs, ...stagedInputs].map(({ name }) => name);
    return [...badNames('inputs', names, checkName), ...badNames('outputs', outputs, checkOutputName)];
  }

  all(): WantedInputs {
    return { files: [...this.#files.values()], staged: [...this.#staged.values()] };
  }
}

function badNames(list: string, names: readonly string[], check: (name: string) => string): Problem[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const where = `${list}[${index}]`;
    if (seen.has(name)) return [{ where, message: `is called ${name}, as another is` }];
    seen.add(name);
    try {
      check(name);
      return [];
    } catch (error) {
      if (!(error instanceof StagingError)) throw error;
      return [{ where, message: `cannot be staged: ${error.message.replace(/\.$/u, '')}` }];
    }
  });
}

function nowhere({ name }: Profile): SubmissionError {
  return new SubmissionError(
    `The jobs need files that are staged, and profile ${name} does not say where.`,
    'Add “staging” to the profile, see docs/staging.md, or use one that has it',
  );
}
