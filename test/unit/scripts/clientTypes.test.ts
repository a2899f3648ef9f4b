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
export const wrong = (profile: Profile) => createPandaClient(profile).jobs.kill(['1']);
`;

describe('the types of desc-panda/client', () => {
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-consumer-'));
    const installed = join(folder, 'node_modules/desc-panda');
    mkdirSync(installed, { recursive: true });
    copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    await writeClientTypes(join(installed, 'dist'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const resolutions = [
    ['Node', ts.ModuleResolutionKind.NodeNext, ts.ModuleKind.NodeNext],
    ['bundlers', ts.ModuleResolutionKind.Bundler, ts.ModuleKind.ESNext],
  ] as const;
  for (const [name, moduleResolution, module] of resolutions) {
    it(`serve a program resolved as ${name} do, and find its mistakes`, () => {
      const errors = errorsBelow(folder, { 'good.ts': good, 'bad.ts': bad }, { module, moduleResolution });
      assert.deepEqual(errors, [`bad.ts: Type 'string' is not assignable to type 'number'.`]);
    });
  }
});

/** Errors in programs and in the declarations they use, as far as those lie in the folder. */
function errorsBelow(
  folder: string,
  sources: Readonly<Record<string, string>>,
  options: ts.CompilerOptions,
): string[] {
  for (const [name, source] of Object.entries(sources)) writeFileSync(join(folder, name), source);
  const program = ts.createProgram(
    Object.keys(sources).map((name) => join(folder, name)),
    {
      ...options,
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
  );
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder));
  return files.flatMap((file) =>
    [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((found) => {
      const text = ts.flattenDiagnosticMessageText(found.messageText, '\n');
      return `${file.fileName.slice(folder.length + 1)}: ${text}`;
    }),
  );
}
