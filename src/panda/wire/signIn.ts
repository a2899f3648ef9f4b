/** Of a web page only the beginning is looked at, bytes. */
const PAGE_HEAD = 64 * 1024;

const TITLE = /<title[^<>]*>[^<]*(?:\b(?:log|sign)[ -]?[io]n\b|authenti|single sign)/iu;
const PASSWORD = /<input[^<>]*type=["']?password/iu;
const ADDRESS = /log-?in|sign-?in|auth|sso|saml|shibboleth|idp|keycloak|cilogon/iu;

/** Whether a text is a web page to sign in, as comes in place of what was asked for. */
export function isSignInPage(body: Buffer): boolean {
  const head = body.toString('utf8', 0, PAGE_HEAD);
  return TITLE.test(head) || PASSWORD.test(head);
}

/** Whether a redirect leads to a page to sign in; others tell that something has moved. */
export function isSignInAddress({ hostname, pathname }: Pick<URL, 'hostname' | 'pathname'>): boolean {
  return ADDRESS.test(hostname + pathname);
}
