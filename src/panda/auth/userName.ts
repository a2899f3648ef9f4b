/**
 * The person behind a distinguished name: without organisation parts, trailing numbers and nickname. Owners are
 * compared by it, case included. `/DC=org/…/CN=Alice Adams 12345` is `Alice Adams`.
 */
export function cleanName(dn: string): string {
  const parts = dn
    .split('/')
    .filter((part) => !/^(?:DC|O|OU|C|L)=/u.test(part))
    .map((part) => part.replace(/^CN=/u, '').replace(/(?:^| +)\d+$/u, ''))
    .filter((part) => part !== '' && !part.startsWith('nickname:'));
  return (parts.at(-1) ?? '').replace(/[()']/gu, '').trim();
}

/** What a server takes for the distinguished name of a token's owner. */
export function nameOfToken(claims: {
  readonly name: string | undefined;
  readonly subject: string;
  readonly preferredUsername: string | undefined;
}): string {
  if (claims.name === undefined) return claims.subject;
  const words = claims.name.split(/\s+/).filter((word) => word !== '');
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join(' ');
  const nickname = claims.preferredUsername;
  return nickname === undefined ? name : `${name}/CN=nickname:${nickname}`;
}
