import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { root } from '../../scripts/lib/paths.ts';

const documents = globSync(['*.md', 'docs/*.md'], { cwd: root }).sort();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What a heading is called in links, as GitHub and VS Code do it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

function anchorsIn(file: string): ReadonlySet<string> {
  return new Set([...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

describe('the documents', () => {
  it('link only to what is there', () => {
    const missing = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)].flatMap(
        ([link, target = '', anchor]) => {
          const there = target === '' ? file : posix.join(dirname(file), target);
          const isThere =
            existsSync(join(root, there)) && (anchor === undefined || anchorsIn(there).has(anchor));
          return isThere ? [] : [`${file}: ${link}`];
        },
      ),
    );
    assert.deepEqual(missing, []);
  });

  it('name only files and folders of the sources that are there', () => {
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/`((?:src|test|scripts|webview|docs|media)\/[\w./-]*)`/g)].map(
        ([, path = '']) => ({ file, path }),
      ),
    );
    assert.ok(named.length > 30);
    assert.deepEqual(
      named.filter(({ path }) => !existsSync(join(root, path))),
      [],
    );
  });

  it('name by the end of their path only files that are there', () => {
    const sources = globSync('{src,test,scripts,webview}/**/*.ts', { cwd: root });
    const unknown = documents.flatMap((file) =>
      [...read(file).matchAll(/`([\w./-]+\.ts)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !sources.some((source) => source.endsWith(`/${path}`) || source === path))
        .map((path) => `${file}: ${path}`),
    );
    assert.deepEqual(unknown, []);
  });
});
