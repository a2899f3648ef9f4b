/**
 * Whether a list of hosts without proxy, as of NO_PROXY, names the host of an address. `.domain`, `domain` and `*.domain`
 * mean a host of this name and all below, `host:port` that port alone, `*` all.
 */
export function isWithoutProxy({ hostname, host, port, protocol }: URL, list: string): boolean {
  const withPort = port === '' ? `${host}:${protocol === 'https:' ? '443' : '80'}` : host;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const name = entry.replace(/^\*?\./, '');
      const tried = name.includes(':') ? withPort : hostname;
      return tried === name || tried.endsWith(`.${name}`);
    });
}
