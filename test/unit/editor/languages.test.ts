import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languages } from '../../../src/editor/contributions.ts';
import { isCatalogName, likelyKind } from '../../../src/editor/language/documentKind.ts';

const root = join(import.meta.dirname, '../../..');
const OBJECT =
  'object 2001 53.0151385 -27.4459488 22.1 ../sky/sed_flat.txt 0.61 0.0042 -0.0017 0.0031 0 0 sersic2d 0.82 0.54 37.5 1.0 CCM 0.12 3.1 none';

describe('languages of ours', () => {
  interface Manifest {
    readonly contributes: {
      readonly languages: readonly {
        readonly id: string;
        readonly extensions?: readonly string[];
        readonly filenamePatterns: readonly string[];
        readonly configuration?: string;
      }[];
      readonly yamlValidation: readonly { readonly fileMatch: string; readonly url: string }[];
      readonly grammars: readonly {
        readonly language: string;
        readonly path: string;
        readonly scopeName: string;
      }[];
    };
  }
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

  it('are those of package.json, with files that are there', () => {
    // What the report of a connection check is shown in has colours alone.
    const ids = [...Object.values<string>(languages), 'panda-connection'];
    assert.deepEqual(contributes.languages.map(({ id }) => id).sort(), ids.sort());
    for (const { configuration } of contributes.languages)
      if (configuration !== undefined) JSON.parse(readFileSync(join(root, configuration), 'utf8'));
    for (const { language, path, scopeName } of contributes.grammars) {
      assert.ok(ids.includes(language));
      const grammar = JSON.parse(readFileSync(join(root, path), 'utf8')) as { readonly scopeName: string };
      assert.equal(grammar.scopeName, scopeName);
    }
  });

  it('colour an object, an include and a setting, each with a comment behind it', () => {
    interface Rule {
      readonly begin?: string;
      readonly match?: string;
    }
    const path = join(root, 'media/instance-catalog.tmLanguage.json');
    const { repository } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly repository: Readonly<Record<string, Rule>>;
    };
    const matched = (rule: string, line: string): readonly (string | undefined)[] | undefined => {
      const { begin, match } = repository[rule] ?? {};
      return new RegExp(begin ?? match ?? '', 'u').exec(line)?.slice(1);
    };
    assert.deepEqual(matched('object', OBJECT), OBJECT.split(' ').slice(0, 13));
    assert.deepEqual(matched('object', 'object 1 2 3')?.slice(0, 5), ['object', '1', '2', '3', undefined]);
    assert.equal(matched('object', 'objects 1'), undefined);
    assert.deepEqual(matched('include', 'includeobj a.txt# x'), ['includeobj', 'a.txt']);
    assert.deepEqual(matched('command', '  filter 2'), ['filter']);
    for (const rule of ['object', 'include', 'command']) {
      assert.match(JSON.stringify(repository[rule]), /"#tail"/, rule);
    }
    assert.ok(matched('tail', 'filter 2 # red') !== undefined);
    for (const number of ['1', '-2.5', '+.5e-3', '1E10#']) {
      assert.ok(matched('number', `x ${number}`) !== undefined, number);
    }
    for (const other of ['1a', 'x1', '1.2.3', '--1']) {
      assert.equal(matched('number', `x ${other}`), undefined, other);
    }
  });

  it('give submission files their schema', () => {
    for (const { fileMatch, url } of contributes.yamlValidation) {
      assert.match(fileMatch, /^\*\.panda\.ya?ml$/);
      assert.ok(existsSync(join(root, url)), url);
    }
  });

  it('take catalogs by the same names as package.json', () => {
    const [catalog] = contributes.languages.filter(({ id }) => id === languages.catalog);
    const globs = [
      ...(catalog?.filenamePatterns ?? []),
      ...(catalog?.extensions ?? []).map((end) => `*${end}`),
    ];
    const patterns = globs.map(
      (glob) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i'),
    );
    const names = [
      'phosim_cat_12.txt',
      'my_instcat.txt',
      'instcat',
      'a.icat',
      'a.inst',
      'make_instcat.py',
      'x.txt',
    ];
    for (const name of names) {
      assert.equal(
        patterns.some((pattern) => pattern.test(name)),
        isCatalogName(name),
        name,
      );
    }
    assert.ok(isCatalogName('instcat_900001.txt') && !isCatalogName('make_instcat.py'));
  });

  it('tell by language and name what has to be looked at', () => {
    assert.equal(likelyKind(languages.catalog, '/x'), 'catalog');
    assert.equal(likelyKind('yaml', '/a.panda.yaml'), 'submission');
    assert.equal(likelyKind('yaml', '/a.yaml'), 'yaml');
    assert.equal(likelyKind('xml', '/task.xml'), 'xml');
    assert.equal(likelyKind('plaintext', '/a.txt'), 'text');
    assert.equal(likelyKind('python', '/a.py'), undefined);
  });
});
