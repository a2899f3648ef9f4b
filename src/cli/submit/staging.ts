import { defaultDataHome, sandboxStaging } from '../../sandbox/index.ts';
import { openStagingStore, settingsBelow, userSegment } from '../../staging/index.ts';
import type { StagingStore, TransferProgress } from '../../staging/index.ts';
import { formatTransfer } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Output } from '../output.ts';
import { uploadsFolderOf } from './uploads.ts';
import { UsageError } from '../usageError.ts';

/** The staging store of a profile, and the user's name in its keys. */
export interface OpenStaging {
  readonly store: StagingStore;
  readonly user: string;
  /** Where begun uploads are noted. */
  readonly notesFolder: string;
}

/** Opens the store of the chosen profile. Nothing is started for it, not even the sandbox. */
export async function openStaging({ args, connector, io }: CommandContext): Promise<OpenStaging> {
  const { name, profile } = await connector.chooseAsUser();
  const settings = profile === undefined ? sandboxStaging(defaultDataHome(io.env, io.home)) : profile.staging;
  if (settings === undefined) {
    throw new UsageError(
      `Profile ${name} does not say where files are staged.`,
      'Add “staging” to it, see docs/staging.md',
    );
  }
  return {
    store: openStagingStore(settingsBelow(settings, args.text('below') ?? '')),
    user: userSegment(profile?.user ?? io.userName),
    notesFolder: uploadsFolderOf(io),
  };
}

/** Shows on one line of the terminal how a transfer goes on. */
export function showTransferProgress(out: Output, word: string): (progress: TransferProgress) => void {
  return (progress) => {
    out.progress(`${word}… ${formatTransfer(progress)}`);
  };
}
