import { SANDBOX, type Profile } from '../../panda/index.ts';

/** What jobs are to know of the profile that they go to. */
export function jobPlace({ name, staging }: Profile): {
  readonly sandbox: boolean;
  readonly staged: boolean;
} {
  return { sandbox: name === SANDBOX, staged: staging !== undefined };
}
