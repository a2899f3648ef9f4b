/**
 * Text for a notification, which makes links of `[text](address)`: also of such as run a command. What servers, files and jobs
 * are called or say is to be read there, not to be clicked.
 */
export function noLinks(text: string): string {
  return text.replaceAll('](', '] (');
}
