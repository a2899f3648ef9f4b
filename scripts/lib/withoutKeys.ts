/**
 * `smtp-server` brings a private key for servers that name none of their own. Ours of the pipeline's emulator offers no
 * encryption, and a package that holds a private key, be it known to everybody, is rightly refused: we leave it out.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const defaults = /key: '-----BEGIN RSA PRIVATE KEY-----[^]*?-----END CERTIFICATE-----'/;

export const withoutKeys: Plugin = {
  name: 'withoutKeys',
  setup(build) {
    build.onLoad({ filter: /smtp-server[\\/]dist[\\/]\w+[\\/]tls-options\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!defaults.test(source)) throw new Error(`${path} has no key where it had one`);
      return { contents: source.replace(defaults, 'key: undefined'), loader: 'js' };
    });
  },
};
