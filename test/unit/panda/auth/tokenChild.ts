/** A program of its own that needs a token: prints it. Argument: the profile. */
import { signInFor } from '../../../../src/panda/index.ts';
import type { Profile } from '../../../../src/panda/index.ts';

const signIn = signInFor(JSON.parse(process.argv[2] ?? '') as Profile);
process.stdout.write((await signIn?.token()) ?? '');
