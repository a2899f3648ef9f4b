import type { ResolvedProfile } from '../panda/index.ts';
import { inTurn, ok } from './check.ts';
import type { Check, Section, Step, Surroundings } from './check.ts';
import { diagnose } from './diagnose.ts';
import { secretsOfProfile, secretsOfVariables } from './knownSecrets.ts';
import { profileSteps, sandboxSteps } from './profileSection.ts';
import type { Subject } from './subject.ts';
import { withoutSecrets } from './withoutSecrets.ts';

/** Command line or editor, which come to a connection in different ways. */
export interface Face {
  /** The program and what it runs on. */
  readonly about: string;
  choose(): Promise<ResolvedProfile>;
  /** Whether the sandbox runs, where that is the profile. */
  readonly sandbox: Step;
  /** Asked once the profile is chosen, and the sandbox runs if it is that. */
  connect(resolved: ResolvedProfile): Promise<Subject>;
}

export interface Outside extends Omit<Surroundings, 'share'> {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The whole report of a face, section by section; each is to be read to its end before the next is asked for. */
export async function* examine(face: Face, outside: Outside): AsyncGenerator<Section> {
  const environment = secretsOfVariables(outside.variables);
  const knowing = (secrets: readonly string[]): Surroundings => ({
    ...outside,
    share: withoutSecrets(secrets, outside.home),
  });
  const early = knowing(environment);
  const section = (name: string, title: string, steps: readonly Step[]): Section => ({
    name,
    title,
    checks: inTurn(name, steps, early),
  });
  yield section('program', 'Program', [{ name: 'version', tried: '', run: () => ok(face.about) }]);
  let resolved: ResolvedProfile;
  try {
    resolved = await face.choose();
  } catch (error) {
    yield section('profile', 'Profile', [failing('chosen', error)]);
    return;
  }
  yield section('profile', 'Profile', profileSteps(resolved));
  if (resolved.profile === undefined) {
    let runs = false;
    const checks = async function* (): AsyncGenerator<Check> {
      runs = yield* inTurn('sandbox', [face.sandbox], early);
    };
    yield { name: 'sandbox', title: 'Sandbox', checks: checks() };
    if (!runs) return;
  }
  let subject: Subject;
  try {
    subject = await face.connect(resolved);
  } catch (error) {
    yield section('connection', 'Connection', [failing('opened', error)]);
    return;
  }
  if (resolved.profile === undefined) {
    yield section('profile', 'Profile of the sandbox', sandboxSteps(subject.profile, resolved));
  }
  const secrets = await secretsOfProfile(subject.profile, subject.stagingKeys);
  yield* diagnose(subject, knowing([...environment, ...secrets]));
}

function failing(name: string, error: unknown): Step {
  const run = (): never => {
    throw error;
  };
  return { name, tried: 'use the profile', run };
}
