import type { PandaClient, Profile, ResolvedProfile, SignIn } from '../panda/index.ts';
import type { S3Credentials, StagingStores } from '../staging/index.ts';
import type { SubmissionJournal } from '../watch/index.ts';

/** A connection as a face has it, which is looked at hop by hop. */
export interface Subject {
  readonly resolved: ResolvedProfile;
  /** With the user that it is used for. */
  readonly profile: Profile;
  readonly client: PandaClient;
  /** Undefined where the profile proves otherwise who it is. */
  readonly signIn: SignIn | undefined;
  readonly journal: SubmissionJournal;
  readonly stores: StagingStores;
  /** Keys of the staging bucket that this face keeps itself; undefined for those that AWS tools find. */
  readonly stagingKeys: S3Credentials | undefined;
}
