/** When a JWT ends, epoch milliseconds; undefined for tokens that do not say. Nothing else of it is looked at. */
export function expiryOf(token: string): number | undefined {
  const [, claims] = token.trim().split('.');
  if (claims === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    if (typeof value !== 'object' || value === null || !('exp' in value)) return undefined;
    return typeof value.exp === 'number' && Number.isFinite(value.exp) ? value.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
