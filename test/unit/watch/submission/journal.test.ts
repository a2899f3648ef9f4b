import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSubmissionJournal } from '../../../../src/watch/submission/journal.ts';
import type { NewSubmission, SubmissionJournal } from '../../../../src/watch/submission/journal.ts';
import type { ProcessTable } from '../../../../src/watch/submission/owner.ts';
import { systemProcesses } from '../../../../src/watch/submission/owner.ts';
import { fileTrouble } from '../../../../src/watch/submission/error.ts';
import { unknownJobs } from '../../../../src/watch/submission/state.ts';
import { createLineAppender } from '../../../../src/watch/submission/writer.ts';
import type { SubmissionWriter } from '../../../../src/watch/submission/writer.ts';

const ID = '0mi1abcdxy';

/** Writers that a test leaves open, as a process that dies would. */
const opened = new Set<SubmissionWriter>();

function createJournal(folder: string, table?: ProcessTable): SubmissionJournal {
  const journal = createSubmissionJournal(folder, table === undefined ? {} : { processes: table });
  return {
    ...journal,
    async begin(submission) {
      const writer = await journal.begin(submission);
      if (writer !== undefined) opened.add(writer);
      return writer;
    },
    async claim(profile, id) {
      const claimed = await journal.claim(profile, id);
      if (claimed !== undefined) opened.add(claimed.writer);
      return claimed;
    },
  };
}

async function closeAll(): Promise<void> {
  for (const writer of opened) await writer.release(false);
  opened.clear();
}

function newSubmission(count: number, id = ID): NewSubmission {
  const jobs = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    request: {
      name: 'a\u2028b',
      transformation: 'hello',
      arguments: ['x\ny'],
      site: 'SANDBOX',
      cacheFiles: ['hello.sh'],
    },
    spec: { jobName: `a.${id}.${index + 1}`, files: [], jobParameters: 'é', minRamCount: 2000 },
  }));
  return { id, name: 'two', profile: 'sandbox', server: 'http://127.0.0.1:1', submittedAt: 1e12, jobs };
}

/** A process table in which the owners named are dead. */
function processes(pid: number, dead: ReadonlySet<number>): ProcessTable {
  return {
    self: () => Promise.resolve({ host: 'here', pid, started: null }),
    isAlive: (owner) => Promise.resolve(!dead.has(owner.pid)),
  };
}

describe('submission journal', () => {
  let folder: string;
  const file = (): string => join(folder, 'sandbox', `${ID}.jsonl`);
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'journal-')), 'submissions');
  });
  afterEach(async () => {
    await closeAll();
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  it('gives back what was written, readable by the owner only', async () => {
    const journal = createJournal(folder);
    const writer = await journal.begin(newSubmission(2));
    await writer?.sending([1, 2], 1);
    await writer?.outcomes([{ kind: 'accepted', jobName: `a.${ID}.1`, pandaId: 77, jobsetId: null }]);
    await writer?.release(false);

    const { entries, problems } = await journal.list('sandbox');
    assert.deepEqual(problems, []);
    const entry = entries[0];
    assert.equal(entries.length, 1);
    assert.equal(entry?.status, 'ended');
    assert.deepEqual(
      entry?.submission.jobs.map(({ number, request, spec }) => ({ number, request, spec })),
      newSubmission(2).jobs,
    );
    assert.deepEqual(entry?.submission.outcomes, [
      { kind: 'accepted', jobName: `a.${ID}.1`, pandaId: 77, jobsetId: null },
      {
        kind: 'unknown',
        jobName: `a.${ID}.2`,
        reason: 'The program ended while this job was being sent; it may have been accepted.',
      },
    ]);
    assert.equal((await stat(file())).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'sandbox'))).mode & 0o777, 0o700);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  it('has everything on disk when begin resolves, before anything is sent', async () => {
    await createJournal(folder).begin(newSubmission(1200));
    const text = await readFile(file(), 'utf8');
    assert.equal(text.split('\n').length, 1200 + 2 + 1);
    assert.match(text, /\{"type":"ready"\}\n$/);
  });

  it('does not begin one that is there already', async () => {
    const journal = createJournal(folder);
    assert.ok(await journal.begin(newSubmission(1)));
    assert.equal(await journal.begin(newSubmission(1)), undefined);
  });

  it('keeps an accepted job accepted, whatever is noted later', async () => {
    const journal = createJournal(folder);
    const writer = await journal.begin(newSubmission(1));
    const jobName = `a.${ID}.1`;
    await writer?.outcomes([{ kind: 'accepted', jobName, pandaId: 5, jobsetId: null }]);
    await writer?.outcomes([{ kind: 'unknown', jobName, reason: 'late' }]);
    await writer?.sending([1], 1);
    assert.equal((await journal.read('sandbox', ID))?.submission.outcomes[0]?.kind, 'accepted');
  });

  it('tolerates a file cut off at any byte: never an accepted job without its line, never a crash', async () => {
    const journal = createJournal(folder, processes(1, new Set([1])));
    const writer = await journal.begin(newSubmission(1));
    await writer?.sending([1], 1);
    await writer?.outcomes([{ kind: 'accepted', jobName: `a.${ID}.1`, pandaId: 5, jobsetId: null }]);
    const whole = await readFile(file());
    const header = whole.indexOf(10);
    const kinds = new Set<string>();
    for (let length = 0; length < whole.length; length++) {
      await writeFile(file(), whole.subarray(0, length));
      const { entries, problems } = await journal.list('sandbox');
      assert.deepEqual(problems, []);
      assert.equal(entries.length, length > header ? 1 : 0, `cut at ${length}`);
      kinds.add(entries[0]?.submission.outcomes[0]?.kind ?? 'none');
      assert.equal(entries[0]?.submission.damagedLines ?? 0, 0);
    }
    assert.deepEqual([...kinds], ['none', 'notSent', 'unknown', 'accepted']);
  });

  it('goes on behind a torn line', async () => {
    const dead = new Set([1]);
    const first = await createJournal(folder, processes(1, dead)).begin(newSubmission(1));
    await first?.sending([1], 1);
    await appendFile(file(), '{"type":"outcomes","outc');
    const journal = createJournal(folder, processes(2, dead));
    const claimed = await journal.claim('sandbox', ID);
    await claimed?.writer.outcomes([{ kind: 'accepted', jobName: `a.${ID}.1`, pandaId: 9, jobsetId: null }]);
    const entry = await journal.read('sandbox', ID);
    assert.equal(entry?.submission.outcomes[0]?.kind, 'accepted');
    assert.equal(entry.submission.damagedLines, 1);
  });

  it('reports files that are not journals, and reads the others', async () => {
    const journal = createJournal(folder);
    await (await journal.begin(newSubmission(1)))?.release(true);
    const at = (id: string): string => join(folder, 'sandbox', `${id}.jsonl`);
    await writeFile(at('0000000001'), Buffer.from([0, 255, 10, 13, 10]));
    await writeFile(at('0000000003'), (await readFile(file(), 'utf8')).replace('"a\u2028b"', '"c"'));
    await symlink(file(), at('0000000004'));
    await mkdir(at('0000000005'));
    await writeFile(at('0000000006'), `${'['.repeat(200_000)}\n{"type":"submission","version":2}\n`);
    await writeFile(at('0000000007'), 'x');
    await truncate(at('0000000007'), 3_000_000_000);
    execFileSync('mkfifo', [at('0000000008')]);
    await writeFile(join(folder, 'sandbox', 'note.txt'), 'mine');

    const { entries, problems } = await journal.list('sandbox');
    assert.deepEqual(
      entries.map((entry) => entry.submission.id),
      [ID],
    );
    assert.deepEqual(
      problems.map((problem) => problem.message),
      [
        'it has no readable first line',
        `it tells of submission ${ID} of profile sandbox`,
        'it is a link, not a file',
        'it is not a regular file',
        'it has no readable first line',
        'its 3000000000 bytes are more than a journal has',
        'it is not a regular file',
      ],
    );
  });

  it('takes one whose process died before its first line was written for none', async () => {
    const journal = createJournal(folder);
    await (await journal.begin(newSubmission(1)))?.release(true);
    const [first = ''] = (await readFile(file(), 'utf8')).split('\n');
    for (const begun of ['', first.slice(0, 1), first.slice(0, -1), first]) {
      await writeFile(file(), begun);
      assert.deepEqual(await journal.list('sandbox'), { entries: [], problems: [] });
      assert.deepEqual(await journal.unsettled('sandbox'), { entries: [], problems: [] });
      assert.equal(await journal.read('sandbox', ID), undefined);
      assert.equal(await journal.claim('sandbox', ID), undefined);
    }
  });

  it('keeps profiles apart whatever their names are', async () => {
    const journal = createJournal(folder);
    for (const profile of ['..', '../sandbox', 'a/b', 'sandbox', '*', 'é .']) {
      await (await journal.begin({ ...newSubmission(1), profile }))?.release(true);
    }
    for (const profile of ['..', '../sandbox', 'a/b', 'sandbox', '*', 'é .']) {
      const { entries } = await journal.list(profile);
      assert.deepEqual(
        entries.map((entry) => entry.submission.profile),
        [profile],
      );
    }
    await journal.clear('sandbox');
    assert.equal((await journal.list('sandbox')).entries.length, 0);
    assert.equal((await journal.list('../sandbox')).entries.length, 1);
  });

  it('finds what is unsettled, and what is young, by name and last line alone', async () => {
    const journal = createJournal(folder);
    await (await journal.begin(newSubmission(1, '0000000001')))?.release(true);
    await (await journal.begin(newSubmission(1, '0000000002')))?.release(false);
    await journal.begin(newSubmission(1, 'mi00000003'));
    const ids = (found: { entries: readonly { submission: { id: string } }[] }): string[] =>
      found.entries.map((entry) => entry.submission.id);
    assert.deepEqual(ids(await journal.unsettled('sandbox')), ['0000000002', 'mi00000003']);
    assert.deepEqual(ids(await journal.list('sandbox', { since: 1_000 })), ['mi00000003']);
  });

  it('says why it cannot write, and that nothing was sent', async () => {
    await writeFile(folder, 'a file in the way');
    await assert.rejects(createJournal(folder).begin(newSubmission(1)), {
      name: 'SubmissionError',
      message: /Could not note the submission down in .*: a file stands where a folder .* Nothing was sent\./,
    });
  });

  it('says that the disk is full', async () => {
    // The kernel's own full disk.
    const handle = await open('/dev/full', 'a');
    const appender = createLineAppender(handle, false);
    const failure: unknown = await appender.append([{ type: 'ready' }]).catch((error: unknown) => error);
    assert.equal(fileTrouble(failure)[0], 'the disk is full');
    await appender.close();
  });
});

describe('submission ownership', () => {
  let folder: string;
  const dead = new Set<number>();
  const journalOf = (pid: number) => createJournal(folder, processes(pid, dead));
  beforeEach(async () => {
    dead.clear();
    folder = await mkdtemp(join(tmpdir(), 'journal-'));
  });
  afterEach(async () => {
    await closeAll();
    await rm(folder, { recursive: true, force: true });
  });

  it('never gives away the submission of a living process', async () => {
    await journalOf(1).begin(newSubmission(1));
    assert.equal((await journalOf(2).read('sandbox', ID))?.status, 'running');
    assert.equal(await journalOf(2).claim('sandbox', ID), undefined);
    dead.add(1);
    assert.equal((await journalOf(2).read('sandbox', ID))?.status, 'interrupted');
    assert.ok(await journalOf(2).claim('sandbox', ID));
    assert.equal(await journalOf(3).claim('sandbox', ID), undefined);
  });

  it('gives it to exactly one of many that claim at once', async () => {
    const writer = await journalOf(1).begin(newSubmission(1));
    await writer?.sending([1], 1);
    dead.add(1);
    for (let round = 0; round < 20; round++) {
      const pids = Array.from({ length: 8 }, (_, index) => 100 * (round + 1) + index);
      const claims = await Promise.all(pids.map((pid) => journalOf(pid).claim('sandbox', ID)));
      const winners = claims.flatMap((claim) => claim ?? []);
      assert.equal(winners.length, 1, `round ${round}`);
      assert.equal(unknownJobs(winners[0]!.submission).length, 1);
      if (round % 2 === 0) await winners[0]?.writer.release(false);
      else dead.add(winners[0]!.submission.owner.pid);
    }
  });

  it('gives a released one to who asks', async () => {
    await (await journalOf(1).begin(newSubmission(1)))?.release(false);
    assert.equal((await journalOf(2).read('sandbox', ID))?.status, 'ended');
    assert.ok(await journalOf(2).claim('sandbox', ID));
    assert.equal((await journalOf(1).read('sandbox', ID))?.status, 'running');
  });

  it('knows the processes of this machine', async () => {
    const table = systemProcesses(() => 10_000_000);
    const self = { ...(await table.self()), token: '' };
    assert.equal(await table.isAlive(self, 0), true);
    if (self.started !== null) {
      assert.equal(await table.isAlive({ ...self, started: 'another boot:1' }, 0), false);
    }
    const child = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' });
    assert.equal(await table.isAlive({ ...self, pid: Number(child) }, 0), false);
    assert.equal(await table.isAlive({ ...self, host: 'elsewhere' }, 9_000_000), true);
    assert.equal(await table.isAlive({ ...self, host: 'elsewhere' }, 1_000_000), false);
  });
});
