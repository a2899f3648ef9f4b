import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { failed, isTimeout, ok, within } from '../check.ts';
import type { Finding, Limits } from '../check.ts';

/** Addresses of a host, or why there are none. */
export async function lookUp(
  host: string,
  limits: Limits,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly addresses: readonly LookupAddress[] }> {
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(name);
  if (family !== 0) return { finding: ok(`${name} is an address`), addresses: [{ address: name, family }] };
  try {
    const addresses = await within(limits.hop, signal, () => lookup(name, { all: true }));
    const shown = addresses.map(({ address }) => address);
    const more = shown.length > 6 ? ` and ${shown.length - 6} more` : '';
    return { finding: ok(`${shown.slice(0, 6).join(', ')}${more}`), addresses };
  } catch (error) {
    signal.throwIfAborted();
    return { finding: whyNot(error, name, limits), addresses: [] };
  }
}

function whyNot(error: unknown, name: string, limits: Limits): Finding {
  if (isTimeout(error)) {
    return failed(
      `no answer about ${name} within ${limits.hop / 1000} s`,
      'Check the network, and the name servers of this machine (/etc/resolv.conf)',
    );
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
  if (code === 'EAI_AGAIN') {
    return failed(
      `no name server could be asked for ${name} (${code})`,
      'Check the network, and the name servers of this machine (/etc/resolv.conf)',
    );
  }
  return failed(
    `there is no host ${name} (${code})`,
    'Check the address in the profile; some hosts are known inside a site or its VPN only',
  );
}
