import { failed } from '../check.ts';
import type { Finding } from '../check.ts';

/** What is known of the certificate that a server showed. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Names that it is for, as `DNS:host, IP Address:1.2.3.4`. */
  readonly names: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until: number;
  /** The system trusts who issued it. */
  readonly isIssuerKnownToSystem?: boolean;
}

export interface TlsPlace {
  readonly host: string;
  /** Where one names an authority: `caFile in the profile`. */
  readonly whereToNameIt: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Why a certificate is not accepted, or no secure connection came about, by the code of Node or OpenSSL. */
export function tlsTrouble(
  code: string,
  certificate: ShownCertificate | undefined,
  place: TlsPlace,
): Finding {
  const { host, whereToNameIt, now } = place;
  const { subject = 'it', issuer = 'unknown', names = '', from = 0, until = 0 } = certificate ?? {};
  const nowText = day(now);
  if (code.includes('CERT_HAS_EXPIRED')) {
    return failed(
      `the certificate of ${subject} ended on ${day(until)}; this machine's clock says ${nowText}`,
      'Check the clock of this machine; if it is right, tell the operators of the server',
    );
  }
  if (code.includes('CERT_NOT_YET_VALID')) {
    return failed(
      `the certificate of ${subject} is good from ${day(from)} on; this machine's clock says ${nowText}`,
      'Set the clock of this machine',
    );
  }
  if (/ALTNAME|HOSTNAME_MISMATCH/.test(code)) {
    return failed(
      `the certificate is for ${names || subject}, not for ${host}`,
      'Use one of these names in the profile, or tell the operators of the server',
    );
  }
  if (code.includes('DEPTH_ZERO_SELF_SIGNED')) {
    return failed(
      `the certificate of ${subject} vouches for itself: no authority does`,
      `Get it from the operators of the server as a PEM file, and name that as ${whereToNameIt}`,
    );
  }
  if (/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|CERT_UNTRUSTED/.test(code)) {
    if (certificate?.isIssuerKnownToSystem === true) {
      return failed(
        `the system knows who vouches for the certificate of ${subject}, issued by ${issuer}, but Node.js does not (${code})`,
        `Set NODE_USE_SYSTEM_CA=1, or name the PEM file of its authority as ${whereToNameIt}`,
      );
    }
    return failed(
      `nobody that this machine knows vouches for the certificate of ${subject}, issued by ${issuer} (${code})`,
      `Name the PEM file of its authority as ${whereToNameIt}`,
    );
  }
  return failed(...brokenHandshake(code, host));
}

function brokenHandshake(code: string, host: string): [detail: string, advice: string] {
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH|UNKNOWN_PROTOCOL|EPROTO/.test(code)) {
    return [
      `what answers at ${host} does not speak TLS (${code})`,
      'Check the port, and whether the address begins with http:// instead of https://',
    ];
  }
  if (
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|CERTIFICATE_EXPIRED/.test(
      code,
    )
  ) {
    return [
      `the server does not accept the certificate that it was shown, or wants one (${code})`,
      'Make a new proxy or name a valid certificate, where the profile proves by certificate who you are',
    ];
  }
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_CIPHERS|SMALL|TOO_WEAK|INAPPROPRIATE/.test(code)) {
    return [
      `the server knows only encryption that is not safe any more (${code})`,
      'Tell the operators of the server',
    ];
  }
  return [
    `the secure connection to ${host} broke off (${code})`,
    'Something between may not let it through: try from another network, or set the proxy of this one',
  ];
}

/** `2026-11-28 04:05 UTC`. */
function day(time: number): string {
  return Number.isFinite(time) ? `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '–';
}
