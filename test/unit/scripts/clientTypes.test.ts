import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { writeClientTypes } from '../../../scripts/lib/clientTypes.ts';
import { root } from '../../../scripts/lib/paths.ts';

const good = `
import { createPandaClient, isFinal, PandaError, type Profile } from 'desc-panda/client';
export async function states(profile: Profile, ids: number[]): Promise<string[]> {
  const client = createPandaClient(profile);
  try {
    return (await client.jobs.getStatus(ids)).filter((job) => isFinal(job.state)).map((job) => job.state);
  } catch (error) {
    if (error instanceof PandaError) return [error.advice];
    throw error;
  } finally {
    client.dispose();
  }
}
`;
const bad = `
import { createPandaClient, type Profile } from 'desc-panda/client';
export const wrong = (profile: Profile): Promise<number> => createPandaClient(profile).jobs.kill(['1']);
`;

describe('the types of desc-panda/client', () => {
  let folder: string;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-consumer-'));
    const installed = join(folder, 'node_modules/desc-panda');
    mkdirSync(installed, { recursive: true });
    copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    await writeClientTypes(join(installed, 'dist'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const errorsOf = (source: string, resolution: ts.ModuleResolutionKind, module: ts.ModuleKind): string[] => {
    const file = join(folder, 'consumer.ts');
    writeFileSync(file, source);
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      module,
      moduleResolution: resolution,
    };
    const program = ts.createProgram([file], options);
    return ts
      .getPreEmitDiagnostics(program)
      .map((found) => ts.flattenDiagnosticMessageText(found.messageText, '\n'));
  };

  const resolutions = [
    ['Node', ts.ModuleResolutionKind.NodeNext, ts.ModuleKind.NodeNext],
    ['bundlers', ts.ModuleResolutionKind.Bundler, ts.ModuleKind.ESNext],
  ] as const;
  for (const [name, resolution, module] of resolutions) {
    it(`serve a program resolved as ${name} do, and find its mistakes`, function () {
      this.timeout(60_000);
      assert.deepEqual(errorsOf(good, resolution, module), []);
      assert.match(
        errorsOf(bad, resolution, module).join('\n'),
        /Type 'string' is not assignable to type 'number'/,
      );
    });
  }
});
