/** Variables of the environment: those of this process, and over them those that a set-up script exports. */
export interface Variables {
  /** Undefined also for one that is empty. */
  get(name: string): string | undefined;
  /** Where its value stands, for people: `PANDA_URL_SSL`, `PANDA_URL_SSL of ~/setup.sh`. */
  from(name: string): string;
  /** The script that was sourced, if any. */
  readonly setup: SetupVariables | undefined;
  /** All of them, as a program gets them. */
  readonly all: Readonly<Record<string, string | undefined>>;
}

/** What a set-up script exports. */
export interface SetupVariables {
  readonly file: string;
  readonly exported: Readonly<Record<string, string>>;
  /** The last line that it wrote to stderr; absent where it wrote none. */
  readonly said?: string;
}

export function variablesOf(
  process: Readonly<Record<string, string | undefined>>,
  setup?: SetupVariables,
): Variables {
  const all = { ...process, ...setup?.exported };
  return {
    all,
    setup,
    get: (name) => {
      const value = all[name]?.trim();
      return value === '' ? undefined : value;
    },
    from: (name) =>
      setup !== undefined && Object.hasOwn(setup.exported, name) ? `${name} of ${setup.file}` : name,
  };
}
