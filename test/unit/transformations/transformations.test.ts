import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { JobRequest, Problem } from '../../../src/panda/index.ts';
import {
  createTransformations,
  payloadFolderReader,
  type BuildResult,
  type SourceFile,
  type TransformationOptions,
} from '../../../src/transformations/index.ts';
import { readPayloadSource } from './payloadSources.ts';

const all = createTransformations(readPayloadSource);
const hello = all.find(({ id }) => id === 'hello')!;
const script = all.find(({ id }) => id === 'script')!;

function requestOf(result: BuildResult): JobRequest {
  assert.equal(result.kind, 'requests', JSON.stringify(result));
  assert.ok(result.kind === 'requests');
  assert.equal(result.requests.length, 1);
  return result.requests[0]!;
}
function problemsOf(result: BuildResult): readonly Problem[] {
  assert.equal(result.kind, 'problems');
  return result.kind === 'problems' ? result.problems : [];
}
const file = (path: string, content: string | Uint8Array): SourceFile => ({
  path,
  content: typeof content === 'string' ? Buffer.from(content) : content,
});

describe('transformations', () => {
  it('names payloads by their content', () => {
    const { payload } = requestOf(hello.build(undefined, {})).transformation;
    const hash = createHash('sha256').update(payload.content).digest('hex').slice(0, 12);
    assert.equal(payload.name, `hello-panda-${hash}.sh`);
    assert.match(
      requestOf(script.build(file('/a/b.sh', 'ls\n'), {})).transformation.payload.name,
      /^run-script-[0-9a-f]{12}\.sh$/u,
    );
  });

  it('reads payloads from a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'desc-panda-payloads-'));
    try {
      writeFileSync(join(folder, 'hello-panda.sh'), '#!/bin/sh\n');
      assert.equal(Buffer.from(payloadFolderReader(folder)('hello-panda.sh')).toString(), '#!/bin/sh\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('HelloPanda', () => {
    it('needs nothing', () => {
      const request = requestOf(hello.build(undefined, {}));
      assert.equal(request.name, 'HelloPanda');
      assert.deepEqual(request.outputs, ['hello.txt']);
      assert.deepEqual(request.resources, { cores: 1, memoryMB: 2000, diskMB: 1000, walltimeSeconds: 3600 });
      assert.equal(request.transformation.tarball, undefined);
    });
    it('recognises no file as its own', () => {
      assert.equal(hello.recognise(file('/hello.sh', '#!/bin/sh\n')), 0);
    });
    it('takes what was chosen', () => {
      const options = {
        name: 'n',
        arguments: ['--code', '3'],
        site: 'S',
        resources: { cores: 2 },
        outputs: [],
      };
      const request = requestOf(hello.build(undefined, options));
      assert.deepEqual(
        [request.name, request.arguments, request.site, request.resources.cores, request.outputs],
        ['n', ['--code', '3'], 'S', 2, []],
      );
    });
    it('says everything that is wrong, with where', () => {
      const problems = problemsOf(
        hello.build(undefined, {
          arguments: ['--seconds', 'x', '--code', '256', '--code'],
          outputs: ['other'],
          resources: { cores: 0 },
        }),
      );
      assert.deepEqual(problems.map(({ where }) => where).sort(), [
        'arguments[0]',
        'arguments[2]',
        'arguments[4]',
        'outputs[0]',
        'resources.cores',
      ]);
    });
  });

  describe('script', () => {
    it('recognises scripts', () => {
      const cases: [string, string | Uint8Array, 0 | 2][] = [
        ['/a/x.sh', 'ls', 2],
        ['/a/x.PY', 'print()', 2],
        ['/a/x', '#!/usr/bin/perl\n', 2],
        ['/a/notes.txt', 'hello', 0],
        ['/a/x.sh', Uint8Array.of(0x7f, 0x45, 0), 0],
      ];
      for (const [path, content, sure] of cases)
        assert.equal(script.recognise(file(path, content)), sure, path);
    });

    it('packs the same script into the same tarball, another into another', () => {
      const tarball = (content: string) =>
        requestOf(script.build(file('/a/b.sh', content), {})).transformation.tarball!;
      assert.match(tarball('ls\n').name, /^jobO\.[0-9a-f]{32}\.tar\.gz$/u);
      assert.deepEqual(tarball('ls\n'), tarball('ls\n'));
      assert.notEqual(tarball('ls\n').name, tarball('ls -l\n').name);
    });

    it('is staged, and a tarball only starts it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'script-'));
      try {
        const path = join(folder, 'run it.sh');
        writeFileSync(path, '#!/bin/sh\nls\n');
        const reading = await script.read(file(path, '#!/bin/sh\nls\n'), { staged: true });
        const { inputs, transformation } = requestOf(reading.build({ staged: true }));
        const { mtimeMs } = statSync(path);
        assert.deepEqual(inputs, [{ name: 'run it.sh', path, size: 13, modified: mtimeMs }]);
        const tarball = gunzipSync(transformation.tarball!.content).toString();
        assert.match(tarball, /chmod u\+x '\.\/run it\.sh' && exec '\.\/run it\.sh' "\$@"\n/u);
        assert.doesNotMatch(tarball, /^ls$/mu);
        assert.deepEqual(requestOf(reading.build({})).inputs, []);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('is called as its file', () => {
      assert.equal(requestOf(script.build(file('/a/my sim.py', 'print(1)\n'), {})).name, 'my sim.py');
    });

    const wrong: [string, SourceFile | undefined, string, RegExp][] = [
      ['no file', undefined, 'file', /No script/u],
      ['an empty one', file('/a/x.sh', ''), 'file', /empty: x\.sh/u],
      ['a blank one', file('/a/x.sh', ' \n\t\r\n'), 'file', /empty/u],
      ['a binary one', file('/a/x.sh', Buffer.from('ls\nl\0s')), 'line 2', /byte 4 is NUL/u],
      ['one too large', file('/a/x.sh', Buffer.alloc(10 * 1024 * 1024 + 1, 'a')), 'file', /10 MB/u],
      ['one of unknown kind', file('/a/x.txt', 'ls\n'), 'line 1', /#! line/u],
      ['a name that is not UTF-8', file('/a/x\ufffd.sh', 'ls\n'), 'file', /UTF-8/u],
      ['a name with a line break', file('/a/x\n.sh', 'ls\n'), 'file', /file name/u],
      ['Windows lines in a shell script', file('/a/x.sh', 'ls\nls\r\n'), 'line 2', /CR LF/u],
      ['a Windows line with #!', file('/a/x.py', '#!/usr/bin/python3\r\nprint()\r\n'), 'line 1', /CR LF/u],
    ];
    for (const [name, source, where, message] of wrong) {
      it(`refuses ${name}`, () => {
        const problems = problemsOf(script.build(source, {}));
        assert.equal(problems.length, 1);
        assert.equal(problems[0]?.where, where);
        assert.match(problems[0]?.message ?? '', message);
      });
    }

    it('lets Python read Windows lines, which it can', () => {
      requestOf(script.build(file('/a/x.py', 'print()\r\n'), {}));
    });

    const wrongOptions: [string, TransformationOptions, string][] = [
      ['an output in a folder', { outputs: ['ok', 'a/b'] }, 'outputs[1]'],
      ['an output with a comma', { outputs: ['a,b'] }, 'outputs[0]'],
      ['an output with an equals sign', { outputs: ['a=b'] }, 'outputs[0]'],
      ['an output named twice', { outputs: ['a', 'a'] }, 'outputs[1]'],
      ['an output without a name', { outputs: [''] }, 'outputs[0]'],
      ['NUL in an argument', { arguments: ['a', 'b\0'] }, 'arguments[1]'],
      ['half a core', { resources: { cores: 0.5 } }, 'resources.cores'],
      ['memory that is no number', { resources: { memoryMB: Number.NaN } }, 'resources.memoryMB'],
      ['an empty name', { name: ' ' }, 'name'],
    ];
    for (const [name, options, where] of wrongOptions) {
      it(`refuses ${name}`, () => {
        const problems = problemsOf(script.build(file('/a/x.sh', 'ls\n'), options));
        assert.deepEqual(
          problems.map((problem) => problem.where),
          [where],
        );
      });
    }
  });
});
