import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CacheFile } from '../../../../src/panda/index.ts';
import {
  findTaskFiles,
  packTask,
  TaskFileError,
  type TaskFiles,
  type TaskPlan,
} from '../../../../src/transformations/index.ts';

describe('files of a task', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "desc-panda it's files "));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(name: string, content: string | Uint8Array = name): string {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  const names = ({ files }: TaskFiles): string[] => files.map(({ name }) => name);
  const reasons = ({ leftOut }: TaskFiles): Record<string, string> =>
    Object.fromEntries(leftOut.map(({ name, reason }) => [name, reason]));

  function takenByGit(cwd: string): readonly string[] {
    const others = execFileSync('git', ['ls-files', '-z', '-o', '--exclude-standard'], {
      cwd,
      encoding: 'utf8',
    });
    return others
      .split('\0')
      .filter((name) => name !== '' && !name.includes('.gitignore'))
      .toSorted();
  }

  describe('of a folder', () => {
    it('are all but those that PanDA’s own client leaves out', async () => {
      for (const name of ['run.sh', 'sub/deep/data.txt', 'ü & x.txt']) write(name);
      for (const name of ['.env', '.git/config', 'x.o', 'lib/y.so', 'hist.root', 'old.root.1', 'bad\nname']) {
        write(name);
      }
      truncateSync(write('large'), 11 * 1024 * 1024);
      const found = await findTaskFiles(root);
      assert.deepEqual(names(found), ['run.sh', 'sub/deep/data.txt', 'ü & x.txt']);
      assert.deepEqual(reasons(found), {
        '.env': 'its name begins with a dot',
        '.git/': 'its name begins with a dot',
        'x.o': 'it was compiled for this machine',
        'lib/y.so': 'it was compiled for this machine',
        'hist.root': 'it is a ROOT file',
        'old.root.1': 'it is a ROOT file',
        'bad\nname': 'its name is not plain text',
        large: 'it is larger than 10 MB',
      });
      assert.equal(found.isCut, false);
      const [file] = found.files;
      assert.deepEqual([file?.path, file?.size], [join(root, 'run.sh'), 6]);
    });

    it('follow .gitignore as git does, of this folder and of those around and below', async () => {
      execFileSync('git', ['init', '-q', root]);
      write('.gitignore', '*.log\n/analysis/secret\nbuild/\n!keep.log\n');
      write('analysis/.gitignore', 'tmp*\n!tmp.keep\n');
      write('analysis/deep/.gitignore', '!special.log\n');
      const all = [
        'a.txt',
        'x.log',
        'keep.log',
        'secret',
        'build/out',
        'tmp.1',
        'tmp.keep',
        'deep/special.log',
        'deep/secret',
        'deep/y.log',
        'deep/tmp.2',
      ];
      for (const name of all) write(`analysis/${name}`);
      const found = await findTaskFiles(join(root, 'analysis'));
      assert.deepEqual(names(found), takenByGit(join(root, 'analysis')));
      assert.equal(reasons(found)['build/'], '.gitignore leaves it out');
      assert.equal(reasons(found)['deep/y.log'], '.gitignore leaves it out');
    });

    it('follow .gitignore in its letter case, and where one folder takes back what another left out', async () => {
      execFileSync('git', ['init', '-q', root]);
      execFileSync('git', ['config', 'core.ignorecase', 'false'], { cwd: root });
      write(
        '.gitignore',
        'Data/\n*.LOG\n/a/b\n/a/c/\nspaced\\ \n\\#odd\n\\!bang\n[xy]?.txt\n**/deep/**/end\n',
      );
      write('a/.gitignore', '!/b\n!/c/\n*.skip\n');
      write('a/b/.gitignore', '*\n!*.py\n!/kept/\n');
      const all = [
        ...['data/in', 'Data/out', 'run.log', 'run.LOG', 'spaced ', '#odd', '!bang', 'x1.txt', 'z1.txt'],
        ...['a/b/run.py', 'a/b/run.txt', 'a/b/kept/run.py', 'a/b/lost/run.py', 'a/b/x.skip'],
        ...['a/c/run.py', 'a/c/x.skip', 'deep/end', 'u/deep/v/w/end', 'u/deep/v/w/other'],
      ];
      for (const name of all) write(name);
      const found = await findTaskFiles(root);
      assert.deepEqual(names(found), takenByGit(root));
    });

    it('do not follow links out of it, and no links to folders', async () => {
      write('real.txt');
      mkdirSync(join(root, 'folder'));
      symlinkSync('real.txt', join(root, 'inside'));
      symlinkSync('/etc/passwd', join(root, 'outside'));
      symlinkSync('folder', join(root, 'around'));
      symlinkSync('nothing', join(root, 'dead'));
      execFileSync('mkfifo', [join(root, 'pipe')]);
      const found = await findTaskFiles(root);
      assert.deepEqual(names(found), ['inside', 'real.txt']);
      assert.deepEqual(reasons(found), {
        outside: 'the link leads out of the folder',
        around: 'it is a link to a folder',
        dead: 'the link leads nowhere',
        pipe: 'it is not a file',
      });
    });

    it('are cut where there are too many, and looking for them can be stopped', async () => {
      for (let index = 0; index < 10; index++) write(`f${index}`);
      const found = await findTaskFiles(root, { mostNames: 4 });
      assert.deepEqual([found.files.length, found.isCut], [4, true]);
      const reason = new Error('enough');
      await assert.rejects(findTaskFiles(root, { signal: AbortSignal.abort(reason) }), reason);
      await assert.rejects(findTaskFiles(join(root, 'nothing')), { code: 'ENOENT' });
    });
  });

  describe('in the archive', () => {
    const script = {} as TaskPlan['script'];

    async function pack(files: readonly string[]): Promise<CacheFile> {
      const entries = [{ name: 'payload.sh', content: Buffer.from('echo\n'), executable: true }];
      const found = await findTaskFiles(root);
      return packTask({ script, entries, files: found.files.filter(({ name }) => files.includes(name)) });
    }

    it('are as they were, with their rights; the same give the same name', async () => {
      write('data/ü.txt', 'data');
      chmodSync(write('tool', 'tool'), 0o755);
      write('run.sh', '#!/bin/sh\necho ran\n');
      const archive = await pack(['data/ü.txt', 'tool', 'run.sh']);
      assert.match(
        archive.name,
        /^jobO\.[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}\.tar\.gz$/u,
      );
      assert.deepEqual(await pack(['data/ü.txt', 'tool', 'run.sh']), archive);
      const listing = execFileSync('tar', ['-tvzf', '-', '--quoting-style=literal'], {
        input: archive.content,
        encoding: 'utf8',
      });
      const rights = listing
        .trim()
        .split('\n')
        .map((line) => `${line.slice(0, 10)} ${line.split(' ').at(-1)}`);
      assert.deepEqual(rights, [
        '-rwxr-xr-x payload.sh',
        '-rw-r--r-- data/ü.txt',
        '-rwxr-xr-x run.sh',
        '-rwxr-xr-x tool',
      ]);
      write('data/ü.txt', 'Data');
      assert.notEqual((await pack(['data/ü.txt', 'tool', 'run.sh'])).name, archive.name);
    });

    it('have it called otherwise where they are many', async () => {
      // Nothing that packs well.
      const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
      const noise = cipher.update(Buffer.alloc(6 * 1024 * 1024));
      write('one', noise);
      write('two', noise.toReversed());
      assert.match((await pack(['one', 'two'])).name, /^sources\./u);
      assert.match((await pack(['one'])).name, /^jobO\./u);
    });

    it('are missed by name when they are gone', async () => {
      write('a.txt');
      const { files } = await findTaskFiles(root);
      rmSync(join(root, 'a.txt'));
      await assert.rejects(packTask({ script, entries: [], files }), (error) => {
        assert.ok(error instanceof TaskFileError);
        assert.equal(error.message, 'a.txt cannot be read');
        return true;
      });
      const reason = new Error('enough');
      await assert.rejects(packTask({ script, entries: [], files }, AbortSignal.abort(reason)), reason);
    });
  });
});
