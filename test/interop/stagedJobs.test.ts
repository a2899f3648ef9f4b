import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildProgram } from '../unit/cli/builtProgram.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { moto } from './programs/moto.ts';
import { s3cmd } from './programs/s3cmd.ts';
import { versitygw } from './programs/versitygw.ts';
import { awsEnvironment, BUCKET, s3cmdFor, startS3Server } from './s3Servers.ts';
import { usePrograms } from './usePrograms.ts';

const run = promisify(execFile);
const samples = fileURLToPath(new URL('../fixtures/samples/', import.meta.url));

/** The command line, a sandbox, and a bucket of a real S3 server between them: the worker node holds no keys. */
for (const program of [moto, versitygw]) {
  describe(`jobs staged in ${program.name}`, () => {
    const pathOf = usePrograms(program, s3cmd);
    const later = doAfter();
    let s3: Awaited<ReturnType<typeof s3cmdFor>>;
    let panda: (...words: readonly string[]) => Promise<string>;
    let folder: string;

    before(async () => {
      folder = await temporaryFolder(later);
      const server = await startS3Server(program, { path: pathOf(program), folder });
      later(() => server.kill());
      s3 = await s3cmdFor(pathOf(s3cmd), server, folder);
      if (program === moto) await s3('mb', `s3://${BUCKET}`);
      const ours = await buildProgram();
      later(() => ours.dispose());
      const home = join(folder, 'home');
      const config = join(folder, 'config');
      const own = { DESC_PANDA_HOME: home, XDG_CONFIG_HOME: config, DESC_PANDA_PROFILE: 'staged' };
      const env = { ...process.env, ...awsEnvironment, ...own };
      const call = async (...words: readonly string[]): Promise<string> => {
        const options = { env, cwd: folder, maxBuffer: 1 << 26 };
        const { stdout } = await run(process.execPath, [ours.entry, ...words], options).catch(
          ({ stdout, stderr }: { stdout: string; stderr: string }) => assert.fail(`${stdout}${stderr}`),
        );
        return stdout;
      };
      await call('sandbox', 'start');
      later(() => call('sandbox', 'stop'));
      const connection = join(home, 'sandbox', 'sandbox.json');
      const { url, token } = JSON.parse(await readFile(connection, 'utf8')) as { url: string; token: string };
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, token, { mode: 0o600 });
      await mkdir(join(config, 'desc-panda'), { recursive: true });
      const staged = {
        ...{ server: url, monitor: url, vo: 'lsst', site: 'SANDBOX', user: userInfo().username },
        authentication: { kind: 'token', tokenFile, origin: 'lsst' },
        staging: { kind: 's3', bucket: BUCKET, prefix: 'panda', endpoint: server.endpoint },
      };
      await writeFile(join(config, 'desc-panda', 'profiles.json'), JSON.stringify({ profiles: { staged } }));
      panda = call;
    });

    /** Submits, waits for the end, and returns the PandaIDs of all jobs so far that finished. */
    const submit = async (...words: readonly string[]): Promise<readonly number[]> => {
      await panda('submit', ...words, '--software', 'stand-in', '--wait');
      const { jobs } = JSON.parse(await panda('jobs', '--json')) as {
        jobs: { pandaId: number; state: string }[];
      };
      return jobs.filter(({ state }) => state === 'finished').map(({ pandaId }) => pandaId);
    };

    it('leave what another client reads byte for byte, and tell no URL to anybody', async () => {
      const catalog = join(samples, 'instcat_small.txt');
      const ids = await submit(catalog, '--sensor', 'R22_S11,R22_S12,R22_S10', '--e2adc', '0');
      assert.equal(ids.length, 3);
      const down = join(folder, 'down');
      for (const id of ids) {
        await panda('files', String(id), '--all', '--to', join(down, String(id)));
        const described = await panda('job', String(id), '--json');
        assert.match(described, /secret:desc_panda_[a-z0-9]+:panda\//u);
        assert.doesNotMatch(described, /X-Amz/u);
      }
      const listed = (await s3('ls', '--recursive', `s3://${BUCKET}/panda/`)).split('\n');
      const images = listed.flatMap((line) => /s3:\S+_E000\.fits\.gz$/u.exec(line)?.[0] ?? []);
      assert.equal(images.length, 3);
      for (const image of images) {
        const other = join(folder, 'read-by-other');
        await s3('get', '--force', image, other);
        const found: string[] = [];
        for await (const path of glob(`*/${image.split('/').at(-1) ?? ''}`, { cwd: down })) found.push(path);
        assert.equal(found.length, 1, image);
        assert.ok((await readFile(join(down, found[0] ?? ''))).equals(await readFile(other)), image);
      }
    });

    it('send a pipeline along by its content', async () => {
      const words = [
        '--repository',
        '/repo/dc2',
        '--input-collection',
        'a/b',
        '--output-collection',
        'u/ada/x',
      ];
      await submit(join(samples, 'pipeline_demo.yaml'), ...words, '--data-query', 'detector=10');
      const listed = await s3('ls', '--recursive', `s3://${BUCKET}/panda/`);
      assert.match(listed, /\/in\/sha256\/[0-9a-f]{64}\/\S*pipeline_demo\.yaml/u);
      assert.match(listed, /\/out\/1\/1\/manifest\.out\.json/u);
    });
  });
}
