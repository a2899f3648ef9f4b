/** Text from anywhere as Markdown that shows exactly that text: no link, no image, no HTML, no line of its own. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|~<>&"'$:@]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Text as code: between more backticks than it holds. */
export function codeSpan(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return plain === '' ? '' : `${fence} ${plain} ${fence}`;
}
