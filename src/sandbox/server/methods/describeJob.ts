import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../panda/index.ts';
import type { Store } from '../store/store.ts';
import { wireDateTime } from '../wire/dateTime.ts';

/** A job as `get_description` answers it: its attributes and `Files`; null for one that is not there. */
export function describeJob(store: Store, pandaId: number): Readonly<Record<string, unknown>> | null {
  const job = store.job(pandaId);
  if (job === undefined) return null;
  const description: Record<string, unknown> = {};
  for (const [name, kind] of JOB_ATTRIBUTES) {
    const value = job[name];
    description[name] = kind === 'time' && typeof value === 'number' ? wireDateTime(value) : value;
  }
  description.Files = store
    .files(pandaId)
    .map((file) => Object.fromEntries(FILE_ATTRIBUTES.map(([name]) => [name, file[name]])));
  return description;
}
