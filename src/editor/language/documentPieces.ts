import type * as vscode from 'vscode';

/** Lines that are taken in one go: some milliseconds. */
const LINES = 5000;

/**
 * The text of a document as it is now, UTF-8, in pieces between which others get their turn. Throws where it is changed
 * meanwhile: a check of something in between is of no use.
 */
export async function* documentPieces(
  document: vscode.TextDocument,
  makeRange: (fromLine: number, toLine: number) => vscode.Range,
): AsyncGenerator<Uint8Array> {
  const { version } = document;
  const encoder = new TextEncoder();
  for (let line = 0; line < document.lineCount; line += LINES) {
    if (document.version !== version || document.isClosed) throw new Error('The document was changed.');
    yield encoder.encode(document.getText(makeRange(line, line + LINES)));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
