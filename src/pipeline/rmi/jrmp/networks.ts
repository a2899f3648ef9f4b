import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether an address is in one of some networks. */
export type NetworkFilter = (address: string) => boolean;

/** Networks as `134.79.0.0/16`, `2001:db8::/32`, or single addresses. Throws a RangeError for anything else. */
export function createNetworkFilter(networks: readonly string[]): NetworkFilter {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits, more] = network.split('/');
    const family = isIP(address);
    const width = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
    if (family === 0 || more !== undefined || !(prefix >= 0 && prefix <= width)) {
      throw new RangeError(`${network} is no network: write it as 134.79.0.0/16 or 2001:db8::/32`);
    }
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** An address of version 4 as itself, where the system shows it in version 6; without a zone. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%', 1);
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

/** Whether an address is one of this machine. */
export function isLocalAddress(address: string): boolean {
  const plain = plainAddress(address);
  if (plain === '::1' || plain.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === plain));
}
