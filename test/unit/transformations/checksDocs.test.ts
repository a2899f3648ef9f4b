import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources = globSync(
  ['src/transformations/{phosim,dmstack,submissionFile}/**/*.ts', 'src/pipeline/taskXml/*.ts'],
  {
    cwd: root,
  },
)
  .concat('src/transformations/yamlTree.ts')
  .map((path) => readFileSync(`${root}/${path}`, 'utf8'))
  .join('\n');

/** Codes that the source hands to something that reports them. */
function reported(): ReadonlySet<string> {
  const patterns = [
    /'(?:error|warning|information)',\s*'([a-z0-9-]+)'/gu,
    /(?:report\.(?:error|warning|information)|refuse)\(\s*[^'"`;]*'([a-z-]+)'/gu,
    /rangeCode: '([a-z-]+)'/gu,
    /: \['(include-[a-z]+)',/gu,
    /[{,] code: '([a-z-]+)'/gu,
    /'((?:too-(?:few|many)-model-parameters|include-cycle|duplicate-include|not-an-integer))'/gu,
  ];
  const found = patterns.flatMap((pattern) => [...sources.matchAll(pattern)].map(([, code = '']) => code));
  return new Set(found.filter((code) => !['warning', 'file', 'location', 'message'].includes(code)));
}

describe('docs/checks.md', () => {
  const tables = readFileSync(`${root}/docs/checks.md`, 'utf8').match(/^\| `.*$/gmu) ?? [];
  const documented = new Set(
    tables.flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[a-z0-9-]+(?=`)/gu) ?? []),
  );

  it('names every code that a check reports', () => {
    const missing = [...reported()].filter((code) => !documented.has(code));
    assert.deepEqual(missing, []);
  });

  it('names no code that no check reports', () => {
    const unknown = [...documented].filter((code) => !sources.includes(`'${code}'`));
    assert.deepEqual(unknown, []);
  });
});
