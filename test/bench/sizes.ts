import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eagerSize, outputOf } from '../../scripts/lib/metafile.ts';
import { packageExtension } from '../../scripts/lib/vsix.ts';
import { atMost, type BenchPart } from './part.ts';
import { buildForProduction, metafile } from './production.ts';

/** What is loaded at the start, and all that may be loaded, by bundle; and the whole package. */
export const sizes: BenchPart = {
  name: 'sizes',
  async run(report) {
    await buildForProduction();
    const editor = metafile('editor');
    const programs = metafile('programs');
    const eager = (file: typeof editor, entry: string): number =>
      eagerSize(file, outputOf(file, entry)) / 1e3;
    report(atMost('editor, entry', eager(editor, 'src/editor/extension.ts'), 'kB', 60));
    report(atMost('editor, loaded right after the entry', eager(editor, 'src/editor/window.ts'), 'kB', null));
    report(atMost('editor, with all that is loaded on first use', total('editor'), 'kB', null));
    report(atMost('command line, loaded at start', eager(programs, 'src/cli/main.ts'), 'kB', null));
    report(atMost('sandbox server, loaded at start', eager(programs, 'src/sandbox/main.ts'), 'kB', null));
    report(atMost('panel page', total('webview'), 'kB', null));
    report(atMost('client library', total('client'), 'kB', null));

    const folder = await mkdtemp(join(tmpdir(), 'desc-panda-bench-'));
    try {
      const vsix = join(folder, 'desc-panda.vsix');
      await packageExtension(vsix);
      report(atMost('package (.vsix)', (await stat(vsix)).size / 1e6, 'MB', 2));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function total(bundle: string): number {
  return Object.values(metafile(bundle).outputs).reduce((bytes, output) => bytes + output.bytes, 0) / 1e3;
}
