import { recoverSubmissions } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { noteOutcomes } from './keepRecord.ts';
import { cleanLine } from '../render/style.ts';

/** Finishes submissions whose process died, with one look at the monitor, and says on stderr what came of it. */
export async function recoverQuietly({ deps }: Connection, context: CommandContext): Promise<void> {
  const { io, out } = context;
  const { recovered, problems } = await recoverSubmissions(deps, { signal: io.signal, lookupPauses: [0] });
  for (const { file, message } of problems) {
    out.note(`A submission noted in ${file} cannot be used: ${message}.`);
    out.note('→ Look at the file, and move it away');
  }
  for (const { submission, adopted, unknown, notSent } of recovered) {
    const parts = [
      adopted.length > 0 ? `${adopted.length} found` : '',
      unknown.length > 0 ? `${unknown.length} of unknown fate` : '',
      notSent.length > 0 ? `${notSent.length} not sent` : '',
    ].filter((part) => part !== '');
    await noteOutcomes(context, submission);
    if (parts.length === 0) continue;
    out.note(
      `Submission ${submission.id} of ${cleanLine(submission.name)} was interrupted: ${parts.join(', ')}.`,
    );
    if (unknown.length + notSent.length > 0) out.note(`→ desc-panda submissions show ${submission.id}`);
  }
}
