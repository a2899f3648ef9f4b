/** Places in a text where secrets stand, and what is shown instead. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  // Name and password in an address.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/"'<>]+@/gi, '$1…@'],
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, '…'],
  [/\b(Bearer|Basic|Negotiate)\s+[\w.~+/=-]{8,}/gi, '$1 …'],
  [
    /([?&#](?:[\w-]*(?:token|secret|password|signature|credential|code|key|sig|state|nonce|assertion|samlrequest|samlresponse)[\w-]*)=)[^&\s"'<>]*/gi,
    '$1…',
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '…'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '…'],
];

/** Shorter words are too common to be taken out wherever they stand. */
const SHORTEST = 6;

/**
 * Makes the function that takes out of a text what others are not to see: the secrets that are known, what looks like one,
 * and where the user's home is.
 */
export function withoutSecrets(secrets: readonly string[], home: string): (text: string) => string {
  const known = secrets
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let shared = known.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
    for (const [place, instead] of PLACES) shared = shared.replace(place, instead);
    return home.length > 1 ? shared.replaceAll(home, '~') : shared;
  };
}
