import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { JavaPipeline, throws } from './javaPipeline.ts';
import type { JobWords } from './javaPipeline.ts';
import { compileJava } from './javaPrograms.ts';
import { jobOf, SERVICE, startSite } from './jobControlDaemon.ts';
import type { DaemonProcess, Site } from './jobControlDaemon.ts';
import { jdk } from './programs/jdk.ts';
import { rmiio } from './programs/rmiio.ts';
import { usePrograms } from './usePrograms.ts';

const SRS = 'org.srs.jobcontrol.';
const CONTROL = `${SRS}JobControlException`;
const DENIED = 'Unable to validate access to file';

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('A pipeline in Java with odd jobs for desc-panda jobcontrold', function () {
  this.timeout(240_000);
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();
  let site: Site;
  let daemon: DaemonProcess;
  let pipeline: JavaPipeline;

  before(async () => {
    const programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    site = await startSite(later);
    daemon = site.daemon();
    pipeline = new JavaPipeline(programs, await daemon.start(), SERVICE);
    later(() => pipeline.end());
  });

  const folderOf = (instance: number): string => join(site.workFolder, String(instance));
  const placeOf = (instance: number) => [`7:${instance}`, folderOf(instance)] as const;
  const ran = async (instance: number, more: JobWords): Promise<string> => {
    const id = await pipeline.submit({ ...jobOf(site, instance), ...more });
    await until(`job ${id} to end`, async () => (await pipeline.status(id)).status === 'DONE', {
      timeoutMs: 60_000,
    });
    return (await pipeline.call('getFile', ...placeOf(instance), 'logFile.txt')) as string;
  };

  it('keeps texts as they are, in words, variables, files and their names', async () => {
    const odd = `é 漢字 😀 \t'"$HOME\`id\`*\\`;
    const text = `${odd}\nlast line without an end`;
    const log = await ran(1, {
      command: `sh pipeline_wrapper '${odd.replaceAll("'", `'\\''`)}' ''`,
      'env.ODD': `${odd}\n${odd}`,
      'env.EMPTY': '',
      'file.données 漢/😀.txt': text,
      'file.pipeline_wrapper': `printf '%s|%s|%s|%s\n' "$#" "$1" "$ODD" "\${EMPTY-unset}"; cat 'données 漢/😀.txt'\n`,
    });
    assert.equal(log, `2|${odd}|${odd}\n${odd}|\n${text}`);
    assert.equal(await pipeline.call('getFile', ...placeOf(1), 'données 漢/😀.txt'), text);
  });

  it('takes what is long', async () => {
    const word = 'x'.repeat(100_000);
    const text = '0123456789abcde\n'.repeat(100_000);
    const variables = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`env.VARIABLE_${index}`, String(index).repeat(20)]),
    );
    const log = await ran(2, {
      ...variables,
      command: `sh pipeline_wrapper ${word}`,
      'file.large.txt': text,
      'file.pipeline_wrapper':
        'printf %s "$1" | wc -c; wc -c < large.txt; env | grep -c "^VARIABLE_"; cksum < large.txt > sum\n',
    });
    assert.deepEqual(log.trim().split(/\s+/), ['100000', '1600000', '500']);
    assert.equal(await pipeline.call('getFile', ...placeOf(2), 'large.txt'), text);
  });

  it('streams what is large, to many at once', async () => {
    await pipeline.submit(jobOf(site, 3));
    const bytes = randomBytes(48 * 1024 * 1024);
    await writeFile(join(folderOf(3), 'large.bin'), bytes);
    const expected = { length: bytes.length, sha256: sha256(bytes) };
    assert.deepEqual(await pipeline.call('getFileStream', ...placeOf(3), 'large.bin'), expected);
    await throws(pipeline.call('getFile', ...placeOf(3), 'large.bin'), CONTROL, /too large for getFile/);
    const some = bytes.subarray(0, 1024 * 1024 + 1);
    await writeFile(join(folderOf(3), 'some.bin'), some);
    await writeFile(join(folderOf(3), 'empty'), '');
    const read = await pipeline.atOnce(20, 'getFileStream', ...placeOf(3), 'some.bin');
    for (const outcome of read) {
      assert.deepEqual(outcome, { ok: { length: some.length, sha256: sha256(some) } });
    }
    assert.deepEqual(await pipeline.call('getFileStream', ...placeOf(3), 'empty'), {
      length: 0,
      sha256: sha256(''),
    });
    // What was read to its end is let go of.
    const openFiles = (): string =>
      execFileSync('ls', ['-l', `/proc/${daemon.pid ?? 0}/fd`], { encoding: 'utf8' });
    if (process.platform === 'linux') {
      await until('the files to be closed', () => Promise.resolve(!/(?:some|large)\.bin/.test(openFiles())));
    }
  });

  it('gives no file of elsewhere, whatever it is called', async () => {
    await pipeline.submit(jobOf(site, 4));
    const secret = join(site.folder, 'secret');
    await writeFile(secret, 'secret');
    await symlink(secret, join(folderOf(4), 'link'));
    await symlink(site.folder, join(folderOf(4), 'folder'));
    await mkdir(join(folderOf(4), 'below'));
    execFileSync('mkfifo', [join(folderOf(4), 'pipe')]);
    for (const method of ['getFile', 'getFileStream']) {
      for (const name of ['link', 'folder/secret', '..', 'below/../../4x/a', secret, 'a\0b']) {
        await throws(pipeline.call(method, ...placeOf(4), name), CONTROL, DENIED);
      }
      for (const name of ['below', 'pipe', 'pipeline_wrapper/x', 'n'.repeat(200)]) {
        await throws(
          pipeline.call(method, ...placeOf(4), name),
          'java.io.FileNotFoundException',
          'Summary file does not exist.',
        );
      }
      for (const name of ['', '.', 'n'.repeat(100_000)]) {
        const outcome = await pipeline.outcome(method, ...placeOf(4), name);
        assert.ok('thrown' in outcome, name.slice(0, 10));
        const [first] = outcome.thrown;
        assert.ok(first?.class === CONTROL || first?.class === 'java.io.FileNotFoundException');
        assert.doesNotMatch(first.message ?? '', /Remote Exception|fault of the job control/);
      }
    }
  });

  it('asks for odd ids, for many, and for none', async () => {
    for (const id of ['１２', '9'.repeat(100), '-1', ' 1', '1\n']) {
      await throws(pipeline.status(id), `${SRS}NoSuchJobException`, `Job id ${id}`);
    }
    assert.deepEqual(await pipeline.call('arrayStatus'), []);
    const ids = Array.from({ length: 5000 }, (_, index) => String(index));
    const found = (await pipeline.call('arrayStatus', ...ids, '7')) as readonly (readonly [string, null])[];
    assert.deepEqual(
      found.map(([id, status]) => [id, status]),
      ids.map((id) => [id, null]),
    );
  });

  it('is told of nothing as a fault', () => {
    assert.deepEqual(
      daemon.log.filter(({ event }) => event === 'fault' || event === 'rmi.fault'),
      [],
    );
  });
});
