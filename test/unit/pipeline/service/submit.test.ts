import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  JavaThrowable,
  JOB_CONTROL_EXCEPTION,
  JOB_SUBMISSION_EXCEPTION,
} from '../../../../src/pipeline/rmi/index.ts';
import type { Job } from '../../../../src/pipeline/rmi/index.ts';
import { placeOf } from '../../../../src/pipeline/service/identity.ts';
import { CALL, jobOf, openServiceWorld } from './serviceWorld.ts';
import type { ServiceWorld } from './serviceWorld.ts';

/** What is thrown is of this class, and says this. */
const thrown =
  (className: string, text: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof JavaThrowable, String(error));
    assert.deepEqual([error.className, text.test(error.detail ?? '')], [className, true], error.detail ?? '');
    return true;
  };

describe('submitting a job of the pipeline', () => {
  let world: ServiceWorld;
  beforeEach(async () => {
    world = await openServiceWorld();
  });
  afterEach(() => world.dispose());

  const submit = (job: Job): Promise<string> => world.service.handlers.submit(job, CALL);
  const stored = (): number[] => [...world.panda.stored.values()].flat();
  const data = (...names: string[]): string => join(world.folder, 'data', ...names);

  it('gives one PanDA job, however often it is asked for', async () => {
    const ids = await Promise.all([submit(jobOf(1)), submit(jobOf(1)), submit(jobOf(1))]);
    ids.push(await submit(jobOf(1)));
    assert.deepEqual(new Set(ids), new Set(stored().map(String)));
    assert.equal(world.panda.calls, 1);
  });

  for (const days of [2, -2]) {
    for (const mode of ['answer', 'cutAfter'] as const) {
      const lost = mode === 'answer' ? '' : ', also where the answer is lost';
      it(`gives one job though the clock jumps by ${days} days meanwhile${lost}`, async () => {
        const jump = (): void => void (world.clock.wallTime += days * 86_400_000);
        world.panda.mode = () => mode;
        world.panda.beforeStore = () => Promise.resolve(jump());
        const first = await submit(jobOf(1));
        jump();
        assert.equal(await submit(jobOf(1)), first);
        assert.deepEqual(stored().map(String), [first]);
      });
    }
  }

  it('gives another one for another execution', async () => {
    const first = await submit(jobOf(1));
    const second = await submit(jobOf(1, { env: new Map([['PIPELINE_EXECUTIONNUMBER', '2']]) }));
    const third = await submit(jobOf(1, { archiveOldWorkingDir: '3' }));
    const retry = new Map([
      ['PIPELINE_EXECUTIONNUMBER', '2'],
      ['PIPELINE_AUTORETRYNUMBER', '1'],
    ]);
    const fourth = await submit(jobOf(1, { env: retry }));
    assert.equal(new Set([first, second, third, fourth]).size, 4);
    assert.equal(stored().length, 4);
  });

  it('refuses another job under the same execution', async () => {
    await submit(jobOf(1));
    await assert.rejects(
      submit(jobOf(1, { command: 'bash other' })),
      thrown(JOB_SUBMISSION_EXCEPTION, /was submitted before/),
    );
    assert.equal(stored().length, 1);
  });

  it('finds the job by its name where the answer is lost', async () => {
    world.panda.mode = () => 'cutAfter';
    const id = await submit(jobOf(1));
    assert.deepEqual(stored().map(String), [id]);
  });

  it('sends it once more where it surely never came', async () => {
    world.panda.mode = (call) => (call === 0 ? 'cutBefore' : 'answer');
    await assert.rejects(
      submit(jobOf(1)),
      thrown(JOB_CONTROL_EXCEPTION, /not known whether PanDA has got the job/),
    );
    // Too early to be sure.
    await assert.rejects(submit(jobOf(1)), thrown(JOB_CONTROL_EXCEPTION, /not known/));
    assert.equal(world.panda.calls, 1);
    world.clock.wallTime += 61_000;
    const id = await submit(jobOf(1));
    assert.deepEqual(stored().map(String), [id]);
  });

  it('sends nothing again while the monitor cannot tell', async () => {
    world.panda.mode = () => 'cutAfter';
    world.panda.monitorUp = false;
    await assert.rejects(submit(jobOf(1)), thrown(JOB_CONTROL_EXCEPTION, /not known/));
    world.clock.wallTime += 600_000;
    await assert.rejects(submit(jobOf(1)), thrown(JOB_CONTROL_EXCEPTION, /not known/));
    world.panda.monitorUp = true;
    assert.deepEqual([await submit(jobOf(1))], stored().map(String));
  });

  it('can be tried again after PanDA said no, or was not there', async () => {
    world.panda.sites = {};
    await assert.rejects(submit(jobOf(1)), thrown(JOB_SUBMISSION_EXCEPTION, /SANDBOX/));
    assert.deepEqual(stored(), []);
    world.panda.sites = { SANDBOX: { status: 'online', coreCount: 4, maxrss: 8000, maxtime: 86_400 } };
    assert.deepEqual([await submit(jobOf(1))], stored().map(String));
  });

  it('sends nothing that cannot be noted', async () => {
    const full = Object.assign(new Error('database or disk is full'), {
      code: 'ERR_SQLITE_ERROR',
      errcode: 13,
    });
    world.journalTrouble = full;
    await assert.rejects(
      submit(jobOf(1)),
      thrown(JOB_CONTROL_EXCEPTION, /disk of the job control service is full/),
    );
    assert.equal(world.panda.calls, 0);
    world.journalTrouble = undefined;
    world.panda.beforeStore = () => {
      world.journalTrouble = full;
      return Promise.resolve();
    };
    const id = await submit(jobOf(1));
    assert.equal(await submit(jobOf(1)), id, 'what PanDA has is known without the journal');
    assert.equal((await world.service.handlers.status(id, CALL))?.status, 'PENDING');
    world.journalTrouble = undefined;
    world.service.submitter.noteLeft();
    assert.equal(world.journal.byPandaId('glast', Number(id))?.step, 'accepted');
    assert.equal(stored().length, 1);
  });

  it('puts files into the working directory as other services do', async () => {
    const workingDirectory = data('7', '12');
    await mkdir(workingDirectory, { recursive: true });
    await writeFile(join(workingDirectory, 'old'), 'old');
    await mkdir(join(workingDirectory, 'archive1'));
    await submit(jobOf(1, { workingDirectory, archiveOldWorkingDir: '3' }));
    assert.deepEqual((await readdir(workingDirectory)).toSorted(), [
      'archive',
      'archive1',
      'pipeline_wrapper',
    ]);
    assert.equal(await readFile(join(workingDirectory, 'archive', '3', 'old'), 'utf8'), 'old');
    await assert.rejects(
      submit(jobOf(2, { workingDirectory })),
      thrown(JOB_SUBMISSION_EXCEPTION, /^File .*\/pipeline_wrapper already exists, not replaced$/),
    );
    assert.equal(stored().length, 1);
  });

  it('goes on with a working directory that a process before had begun with', async () => {
    const workingDirectory = data('7');
    await mkdir(join(workingDirectory, 'archive', '1'), { recursive: true });
    await writeFile(join(workingDirectory, 'archive', '1', 'pipeline_wrapper'), 'old');
    await writeFile(join(workingDirectory, 'pipeline_wrapper'), 'half');
    const job = jobOf(1, { workingDirectory, archiveOldWorkingDir: '1' });
    const identity = { task: 'phosim', instance: '1', stream: '1.2', execution: '1' };
    const more = { digest: '', directory: workingDirectory, workingDirectory, logFile: 'x' };
    const { number } = world.journal.receive(
      'glast',
      { identity, place: placeOf({ env: new Map() }, identity), ...more },
      0,
    );
    world.journal.change(number, { step: 'writing' });
    await submit(job);
    assert.equal(await readFile(join(workingDirectory, 'pipeline_wrapper'), 'utf8'), 'echo hi\n');
    assert.equal(await readFile(join(workingDirectory, 'archive', '1', 'pipeline_wrapper'), 'utf8'), 'old');
  });

  it('undoes everything where nothing was sent', async () => {
    world.panda.sites = {};
    const workingDirectory = data('a', 'b');
    await assert.rejects(submit(jobOf(1, { workingDirectory })));
    assert.deepEqual(await readdir(data()), []);
    await mkdir(data('c'));
    await writeFile(data('c', 'old'), 'old');
    await assert.rejects(submit(jobOf(2, { workingDirectory: data('c'), archiveOldWorkingDir: '1' })));
    assert.deepEqual(await readdir(data('c')), ['old']);
  });

  it('stays below the folders of the pipeline', async () => {
    await mkdir(join(world.folder, 'elsewhere'));
    await symlink(join(world.folder, 'elsewhere'), data('link'));
    for (const workingDirectory of [
      '/data',
      `${data()}x/1`,
      data('..', 'elsewhere'),
      data('link', '1'),
      'relative',
    ]) {
      await assert.rejects(
        submit(jobOf(1, { workingDirectory })),
        thrown(JOB_SUBMISSION_EXCEPTION, /working directory/),
      );
    }
    const files = new Map([['../up', 'x']]);
    await assert.rejects(
      submit(jobOf(1, { files })),
      thrown(JOB_SUBMISSION_EXCEPTION, /outside of its directory/),
    );
    assert.deepEqual(await readdir(join(world.folder, 'elsewhere')), []);
    assert.equal(stored().length, 0);
  });

  it('archives in the working directory alone', async () => {
    const workingDirectory = data('7');
    await mkdir(workingDirectory);
    await writeFile(join(workingDirectory, 'old'), 'old');
    for (const archiveOldWorkingDir of ['../x', '../../../elsewhere', '/elsewhere', '.', 'a\nb']) {
      await assert.rejects(
        submit(jobOf(1, { workingDirectory, archiveOldWorkingDir })),
        thrown(JOB_SUBMISSION_EXCEPTION, /^The archive leads out of the working directory: "/),
      );
    }
    await mkdir(join(world.folder, 'elsewhere'));
    await symlink(join(world.folder, 'elsewhere'), join(workingDirectory, 'archive'));
    await assert.rejects(
      submit(jobOf(1, { workingDirectory, archiveOldWorkingDir: '3' })),
      thrown(JOB_SUBMISSION_EXCEPTION, /^Could not move file to archive directory: .*it leads out/),
    );
    assert.deepEqual(await readdir(join(world.folder, 'elsewhere')), []);
    assert.deepEqual((await readdir(workingDirectory)).toSorted(), ['archive', 'old']);
    assert.equal(stored().length, 0);
  });

  it('keeps the files of a job that names no working directory', async () => {
    await submit(jobOf(1, { workingDirectory: '' }));
    assert.deepEqual(await readdir(data()), []);
    assert.equal(stored().length, 1);
  });

  it('says everything of the job in the words of PanDA', async () => {
    const sent = await specOf(
      world,
      jobOf(1, {
        name: 'my job',
        maxCPU: 90,
        maxMemory: 3_000_001,
        extraOptions: '--site BNL-LSST --cores 4 --disk "20G" --output a.fits',
      }),
    );
    assert.equal(sent.computingSite, 'BNL-LSST');
    assert.deepEqual(
      [sent.maxWalltime, sent.minRamCount, sent.coreCount, sent.maxDiskCount],
      [120, 2930, 4, 20_000],
    );
    assert.equal(sent.prodUserName, 'panda user');
    assert.match(String(sent.jobName), /^my_job\./);
    assert.match(
      String(sent.jobParameters),
      /^PIPELINE_TASK=phosim PIPELINE_PROCESSINSTANCE=1 PIPELINE_STREAM=1\.2 --source /,
    );
    // As the monitor looks for it.
    assert.match(
      String(sent.jobParameters),
      /.*PIPELINE_TASK=([a-zA-Z0-9]+).*PIPELINE_PROCESSINSTANCE=([0-9]+).*PIPELINE_STREAM=([0-9.]+)/,
    );
  });

  it('runs a transformation with its own words', async () => {
    const sent = await specOf(
      world,
      jobOf(1, { command: 'hello --cores 2 -- --seconds 5', files: new Map() }),
    );
    assert.equal(sent.processingType, 'hello');
    assert.equal(sent.coreCount, 2);
    assert.match(String(sent.jobParameters), /-- --seconds 5$/);
  });

  for (const [what, job, problem] of [
    ['no command', { command: null }, /^Missing command$/],
    ['an open quote', { command: 'sh -c "x' }, /quote of the command is not closed/],
    [
      'unknown options',
      { extraOptions: '-R "select[x]"' },
      /^-R is not known in the extra options of the job; there are --site, --cores, /,
    ],
    ['an open quote of options', { extraOptions: '--site "BNL' }, /extra options of the job is not closed/],
    ['a bad limit', { extraOptions: '--memory much' }, /--memory much/],
    ['a variable that no shell takes', { env: new Map([['a b', '1']]) }, /name that no shell takes/],
    ['a file of nobody', { command: 'phosim /etc/passwd' }, /neither a file of the job nor/],
    ['a task that is none', { env: new Map([['PIPELINE_TASK', 'a b']]) }, /PIPELINE_TASK is "a b"/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(submit(jobOf(1, job)), thrown(JOB_SUBMISSION_EXCEPTION, problem));
      assert.equal(world.panda.calls, 0);
    });
  }
});

/** The record that was sent. */
async function specOf(world: ServiceWorld, job: Job): Promise<Readonly<Record<string, unknown>>> {
  const id = await world.service.handlers.submit(job, CALL);
  const row = world.journal.byPandaId('glast', Number(id));
  const file = join(world.folder, 'submissions', 'sandbox', `${row?.submission ?? ''}.jsonl`);
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => JSON.parse(line) as { type: string; spec?: Record<string, unknown> });
  return entries.find(({ type }) => type === 'job')?.spec ?? {};
}
