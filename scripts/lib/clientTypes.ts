import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/** Writes the type declarations of `desc-panda/client`; type errors are the type check's business, not the build's. */
export async function writeClientTypes(folder: string): Promise<void> {
  const entry = join(root, 'src/panda/index.ts');
  if (!existsSync(entry)) return;
  const { default: ts } = await import('typescript');
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, 'src'),
      outDir: join(folder, 'client'),
      types: ['node'],
    },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  if (config === undefined) throw new Error('tsconfig.json cannot be read');
  ts.createProgram([entry], config.options).emit();
}
