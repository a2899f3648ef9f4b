import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Findings } from '../../findings.ts';
import type { Spectra, Spectrum } from './spectra.ts';

/** phoSim 3.4 stops at this many. */
const MOST_SPECTRA = 10_000;
/** Missing ones that are named in the summary. */
const MOST_NAMED = 200;
/** Files looked for at a time. */
const AT_ONCE = 64;
/** Comes with phoSim, beside its SED folder. */
const BUILT_IN = '../sky/';

/** Looks for the spectra in their folder and reports those missing, once each where they are named first. */
export async function checkSpectra(
  spectra: Spectra,
  folder: string | undefined,
  findings: Findings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (spectra.size > MOST_SPECTRA) {
    findings.add({ file: 0, line: 1 }, 'warning', 'too-many-spectra', () => {
      return `There are ${spectra.overflowed ? 'more than ' : ''}${spectra.size} spectra; phoSim 3.4 stops at ${MOST_SPECTRA} on one sensor.`;
    });
  }
  if (folder === undefined || spectra.size === 0) return [];
  if (!(await isFolder(folder))) {
    findings.add({ file: 0, line: 1 }, 'warning', 'sed-folder-missing', () => {
      return `There is no folder ${folder}, so that spectra are not looked for.`;
    });
    return [];
  }
  const missing: string[] = [];
  for (const group of groups(spectra.all())) {
    signal.throwIfAborted();
    const there = await Promise.all(group.map(({ path }) => exists(join(folder, path))));
    group.forEach(({ path, place }, index) => {
      if (there[index] === true) return;
      if (missing.length < MOST_NAMED) missing.push(path);
      findings.add(place, 'error', 'sed-missing', () => `There is no spectrum ${path} in the SED folder.`);
    });
  }
  return missing;
}

function* groups(all: Iterable<Spectrum>): Generator<Spectrum[]> {
  let group: Spectrum[] = [];
  for (const spectrum of all) {
    if (spectrum.path.startsWith(BUILT_IN)) continue;
    group.push(spectrum);
    if (group.length < AT_ONCE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
