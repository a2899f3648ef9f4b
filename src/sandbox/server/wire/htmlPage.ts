/** The web server's own pages, for what never reaches PanDA. */
export type PageStatus = 403 | 404 | 414;

const PAGES: Readonly<Record<PageStatus, readonly [title: string, heading: string, text: string]>> = {
  403: ['403 Forbidden', 'Forbidden', "You don't have permission to access this resource."],
  404: ['404 Not Found', 'Not Found', 'The requested URL was not found on this server.'],
  414: [
    '414 Request-URI Too Long',
    'Request-URI Too Long',
    "The requested URL's length exceeds the capacity\nlimit for this server.<br />\n",
  ],
};

export const HTML_TYPE = 'text/html; charset=iso-8859-1';

export function htmlPage(status: PageStatus): string {
  const [title, heading, text] = PAGES[status];
  const doctype =
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">';
  return `${doctype}\n<html><head>\n<title>${title}</title>\n</head><body>\n<h1>${heading}</h1>\n<p>${text}</p>\n</body></html>\n`;
}
