/**
 * axios brings what we never ask of it: adapters beside the one on Node's own modules, forms, HTTP/2, proxies (ours are on
 * the agent). Loaded all the same, that makes Node load its `fetch` and `http2`, which takes longer than a call. We leave
 * it out.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const inAxios = /[\\/]axios[\\/]lib[\\/]/;
const unusedFiles =
  /[\\/]axios[\\/]lib[\\/](?:adapters[\\/](?:fetch|xhr)|(?:env|platform[\\/]node)[\\/]classes[\\/]FormData|helpers[\\/]Http2Sessions)\.js$/;
const unusedPackages = /^(?:http2|https-proxy-agent)$/;
const formOfFetch = "typeof G.FormData !== 'undefined' ? G.FormData : undefined";

export const leanAxios: Plugin = {
  name: 'leanAxios',
  setup(build) {
    const nothing = {
      contents: 'export const getFetch = () => null; export default class {}',
      loader: 'js',
    } as const;
    build.onResolve({ filter: unusedPackages }, ({ path, importer }) =>
      inAxios.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => nothing);
    build.onLoad({ filter: unusedFiles }, () => nothing);
    build.onLoad({ filter: /[\\/]axios[\\/]lib[\\/]utils\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(formOfFetch)) throw new Error(`${path} does not ask for FormData as it did`);
      return { contents: source.replace(formOfFetch, 'undefined'), loader: 'js' };
    });
  },
};
