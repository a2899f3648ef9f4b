import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { report, StepError } from '../../../scripts/lib/console.ts';
import { canInstallDebianPackages, findProgram, installDebianPackages } from '../../../scripts/lib/debian.ts';
import { cache, root } from '../../../scripts/lib/paths.ts';
import { runQuietly } from '../../../scripts/lib/runQuietly.ts';
import type { InteropProgram } from './program.ts';

const version = '2.0.3';
const artifacts = [`com.healthmarketscience.rmiio:rmiio:${version}`, 'commons-logging:commons-logging:1.0.4'];
const limitMs = 5 * 60_000;
const advice = 'Install Maven, check that it reaches its repository, and run this again';

/** The library by which the pipeline streams files, as its makers publish it; `path` is a class path. */
export const rmiio: InteropProgram = {
  name: 'rmiio',
  async install() {
    const folder = join(cache, 'interop', `rmiio-${version}`);
    const stamp = join(folder, 'installed');
    if (!existsSync(stamp)) await install(folder, stamp);
    const jars = artifacts.map((artifact) => `${artifact.split(':').slice(1).join('-')}.jar`);
    return { path: jars.map((jar) => join(folder, jar)).join(delimiter), version };
  },
};

async function install(folder: string, stamp: string): Promise<void> {
  if (findProgram('mvn') === undefined && canInstallDebianPackages())
    installDebianPackages(['maven'], advice);
  const maven = findProgram('mvn');
  if (maven === undefined) throw new StepError('Could not find mvn.', advice);
  report(`Fetching rmiio ${version} with Maven …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const artifact of artifacts) {
    const args = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    await runQuietly(maven, args, root, advice, { timeoutMs: limitMs });
  }
  await writeFile(stamp, '');
}
