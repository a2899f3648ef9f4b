/** A page: what it is called, and where its files are, as addresses it may load. */
export interface PageFiles {
  readonly title: string;
  readonly script: string;
  readonly styles: readonly string[];
  /** What the content security policy calls our folder. */
  readonly source: string;
}

/**
 * The page of a webview: nothing is allowed but our script (by nonce) and our styles and fonts. The toolkit asks for the
 * nonce by `csp-nonce`, to find out what the browser's styles can do; its own styles need no permission.
 */
export function pageHtml(files: PageFiles, nonce: string): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${files.source} 'nonce-${nonce}'`,
    `font-src ${files.source}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const styles = files.styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n    ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta property="csp-nonce" content="${nonce}">
    ${styles}
    <title>${files.title}</title>
  </head>
  <body>
    <script nonce="${nonce}" src="${files.script}"></script>
  </body>
</html>
`;
}
