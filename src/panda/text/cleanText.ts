const LONGEST = 400;
/** Of a text longer than this only the beginning is looked at: it may be megabytes of anything. */
const LONGEST_READ = 4_000;

/**
 * Makes a server's text fit for users: without Python tracebacks and source paths, HTML, bearer tokens and line breaks,
 * and not endless. Identities (`/DC=org/…/CN=Name`) stay.
 */
export function cleanText(text: string): string {
  const cleaned = text
    .slice(0, LONGEST_READ)
    .replace(/<python traceback>[\s\S]*$|Traceback \(most recent call last\)[\s\S]*$/i, '')
    .replace(/File "[^"]*", line \d+(, in \w+)?:?/g, '')
    .replace(/(?<![\w./-])\/[\w./-]*\.py\b/g, '')
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{12,}/gi, '$1 …')
    .replace(/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '…')
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<!?\/?[a-z][^>]*>/gi, ' ')
    .replace(/^ERROR\s*:\s*/, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[.:\s]+$/, '');
  return cleaned.length > LONGEST ? `${cleaned.slice(0, LONGEST)}…` : cleaned;
}

/** The title of a web page, or its first words. */
export function pageTitle(html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html.slice(0, LONGEST_READ))?.[1];
  return cleanText(title ?? html).slice(0, 80);
}
