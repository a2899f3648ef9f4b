import * as vscode from 'vscode';
import { FITS_EDITOR } from '../contributions.ts';
import type { Parts } from '../parts.ts';

export type FitsParts = Pick<Parts, 'extension' | 'errors' | 'fileLists'>;

/** Shows FITS files, wherever they are. What reads them is loaded with the first. */
export function registerFitsEditor(parts: FitsParts): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(
    FITS_EDITOR,
    {
      openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
      async resolveCustomEditor({ uri }, panel) {
        const { fillFitsPanel } = await import('./fitsPanel.ts');
        fillFitsPanel(panel, uri, parts);
      },
    } satisfies vscode.CustomReadonlyEditorProvider,
    { supportsMultipleEditorsPerDocument: true },
  );
}
