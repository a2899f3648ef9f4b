/** Another people's program that we are tried with. One file of this folder each. */
export interface InteropProgram {
  readonly name: string;
  /**
   * Makes it ready, says what it downloads, and ends in time. What it brings lies below `.cache/interop`, where the next
   * call finds it. Rejects with a StepError that says what to do.
   */
  install(): Promise<InstalledProgram>;
}

export interface InstalledProgram {
  /** What to run. */
  readonly path: string;
  readonly version: string;
}

const installs = new Map<InteropProgram, Promise<InstalledProgram>>();

/** Installs a program once for this process. */
export function installed(program: InteropProgram): Promise<InstalledProgram> {
  const known = installs.get(program);
  if (known !== undefined) return known;
  const install = program.install();
  installs.set(program, install);
  return install;
}
