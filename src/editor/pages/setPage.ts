import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageHtml } from './html.ts';

/** Puts one of our pages (`dist/webview/<name>.js` and `.css`) into a webview, which may load nothing but our folder. */
export function setPage(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  page: { readonly name: 'panel' | 'fits' | 'summary'; readonly title: string },
): void {
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  const address = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const files = {
    title: page.title,
    script: address(`${page.name}.js`),
    styles: [address('codicon.css'), address(`${page.name}.css`)],
    source: webview.cspSource,
  };
  webview.html = pageHtml(files, randomBytes(16).toString('base64url'));
}
