import type { Store } from '../store/store.ts';

/** A script that runs a job's payload elsewhere, or the server's sentence for a job it does not find. */
export function offlineScript(store: Store, pandaId: number, days: number): string {
  const job = store.job(pandaId);
  if (job === undefined) {
    return `ERROR: Cannot get PandaID=${pandaId} in DB for the last ${days} days. You may add &days=N to the URL`;
  }
  const transformation = job.transformation ?? '';
  const script = transformation.split('/').at(-1) ?? '';
  return [
    '#!/bin/bash',
    '',
    `# Payload of PanDA job ${pandaId}: run it in an empty directory.`,
    'set -e',
    `export PANDAID=${pandaId}`,
    `curl --fail --silent --show-error --location --output ${quoted(script)} ${quoted(transformation)}`,
    `chmod +x ${quoted(script)}`,
    `${quoted(`./${script}`)} ${job.jobParameters ?? ''}`,
    '',
  ].join('\n');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
