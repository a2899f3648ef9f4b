import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputFile, JobRequest } from '../../../../src/panda/index.ts';
import { planTask, type TaskChoices, type TaskPlan } from '../../../../src/transformations/index.ts';
import { NASTY, SHELLS } from '../payloadRunner.ts';

const PAYLOAD = { name: 'script-1a2b.sh', content: Buffer.from('#!/bin/sh\nprintf "<%s>" "$@"\n') };
const TARBALL = { name: 'jobO.0123.tar.gz', content: Buffer.from('packed') };

function request(changes: Partial<JobRequest> = {}): JobRequest {
  return {
    name: 'test',
    transformation: { id: 'script', payload: PAYLOAD, tarball: TARBALL },
    arguments: ['a b'],
    site: 'SANDBOX',
    resources: { cores: 1, memoryMB: 2000, diskMB: 1000, walltimeSeconds: 3600 },
    outputs: ['out.txt'],
    pipeline: undefined,
    ...changes,
  };
}

function plan(requests: readonly JobRequest[], choices?: TaskChoices): TaskPlan {
  const result = planTask(requests, choices);
  assert.ok(result.kind === 'plan', JSON.stringify(result));
  return result.plan;
}

function problems(requests: readonly JobRequest[], choices?: TaskChoices): string[] {
  const result = planTask(requests, choices);
  assert.ok(result.kind === 'problems');
  return result.problems.map(({ where, message }) => `${where}: ${message}`);
}

const input = (name: string, path = `/home/me/${name}`, size = 10): InputFile => ({ name, path, size });

describe('job requests as one task', () => {
  it('one request: its payload script runs with its words in the folder of the archive', () => {
    const { script, entries } = plan([request()]);
    assert.deepEqual(script.command, [
      "./script-1a2b.sh --source jobO.0123.tar.gz --reports .. --memory 2000 --walltime 3600 --output out.txt=out.txt -- 'a b'",
    ]);
    assert.deepEqual(script.split, { kind: 'jobs', jobs: 1 });
    assert.deepEqual(
      [script.site, script.outputs, script.processingType],
      ['SANDBOX', ['out.txt'], 'script'],
    );
    assert.deepEqual(entries, [
      { ...PAYLOAD, executable: true },
      { ...TARBALL, executable: false },
    ]);
  });

  it('one request, often: numbers in its arguments are told apart from text', () => {
    const split = { kind: 'jobs', jobs: 100 } as const;
    const { script } = plan([request({ arguments: ['seed=%RNDM:41', '100%'] })], { split });
    assert.deepEqual(script.split, split);
    assert.deepEqual(script.command.slice(1), [{ kind: 'number', offset: 41 }, ' 100%']);
  });

  it('events and files are shared out', () => {
    const events = { kind: 'events', events: 10, eventsPerJob: 3 } as const;
    assert.deepEqual(plan([request()], { split: events }).script.split, events);
    const files = { kind: 'files', files: ['root://x//a'], filesPerJob: undefined } as const;
    assert.deepEqual(plan([request()], { split: files }).script.split, files);
  });

  it('many requests: a script of the archive runs the one of a number, whatever its arguments', () => {
    const folder = mkdtempSync(join(tmpdir(), 'desc-panda-task-'));
    try {
      const requests = NASTY.map((word) => request({ arguments: [word, `${word} `] }));
      const { script, entries } = plan(requests);
      assert.deepEqual(script.command, ['./run-job.sh ', { kind: 'number', offset: 0 }]);
      assert.deepEqual(script.split, { kind: 'jobs', jobs: NASTY.length });
      for (const { name, content, executable } of entries) {
        writeFileSync(join(folder, name), content, { mode: executable ? 0o700 : 0o600 });
      }
      for (const shell of SHELLS) {
        NASTY.forEach((word, index) => {
          const out = execFileSync(shell, ['run-job.sh', String(index + 1)], {
            cwd: folder,
            encoding: 'utf8',
          });
          assert.ok(out.endsWith(`<--><${word}><${word} >`), `${shell}: ${out}`);
        });
        const over = String(NASTY.length + 1);
        assert.throws(() => execFileSync(shell, ['run-job.sh', over], { cwd: folder, stdio: 'pipe' }), {
          status: 64,
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps each tarball once', () => {
    const other = { name: 'jobO.4567.tar.gz', content: Buffer.from('other') };
    const transformation = { id: 'script', payload: PAYLOAD, tarball: other };
    const { entries } = plan([request(), request({ transformation }), request()]);
    assert.deepEqual(
      entries.map(({ name }) => name),
      [PAYLOAD.name, TARBALL.name, other.name, 'run-job.sh'],
    );
  });

  it('files of requests, and those chosen besides, go along once', () => {
    const files = [input('data/a.txt'), input('b.txt')];
    const requests = [request({ inputs: [input('b.txt')] }), request({ inputs: [input('c.txt')] })];
    assert.deepEqual(
      plan(requests, { files }).files.map(({ name }) => name),
      ['data/a.txt', 'b.txt', 'c.txt'],
    );
  });

  describe('says what no task can be made of', () => {
    const cases: readonly (readonly [string, readonly JobRequest[], TaskChoices, RegExp])[] = [
      ['no jobs', [], {}, /^jobs: There is no job/u],
      [
        'other resources',
        [request(), request({ resources: { cores: 2, memoryMB: 1, diskMB: 1, walltimeSeconds: 1 } })],
        {},
        /^jobs\[1\]\.resources: is not what/u,
      ],
      ['other outputs', [request(), request({ outputs: [] })], {}, /^jobs\[1\]\.outputs: /u],
      ['another site', [request(), request(), request({ site: 'X' })], {}, /^jobs\[2\]\.site: /u],
      ['an output for a shell', [request({ outputs: ["a'b"] })], {}, /^outputs\[0\]: .*: a'b$/u],
      ['an output with a pattern', [request({ outputs: ['*.root'] })], {}, /^outputs\[0\]: /u],
      [
        'eleven outputs',
        [request({ outputs: Array.from({ length: 11 }, (_item, index) => `o${index}`) })],
        {},
        /at most 10 outputs/u,
      ],
      [
        'staged files',
        [request({ stagedInputs: [{ name: 'x', size: 1, adler32: '0', sha256: '0' }] })],
        {},
        /^stagedInputs: /u,
      ],
      ['a NUL', [request({ arguments: ['a\0'] })], {}, /^arguments: /u],
      ['half a letter', [request({ arguments: ['\ud800'] })], {}, /^arguments: /u],
      ['two counts', [request({ arguments: ['%RNDM:1', '%RNDM:2'] })], {}, /counted from 1 and 2$/u],
      [
        'numbers in several requests',
        [request({ arguments: ['%RNDM:1'] }), request()],
        {},
        /one job that is run many times/u,
      ],
      [
        'a split of several',
        [request(), request()],
        { split: { kind: 'jobs', jobs: 2 } },
        /^split: There are 2 jobs already/u,
      ],
      [
        'no copies',
        [request()],
        { split: { kind: 'jobs', jobs: 0 } },
        /^split\.jobs: .* from 1 to 50000: 0$/u,
      ],
      [
        'half an event',
        [request()],
        { split: { kind: 'events', events: 10, eventsPerJob: 0.5 } },
        /^split\.eventsPerJob: /u,
      ],
      [
        'no files to share out',
        [request()],
        { split: { kind: 'files', files: [], filesPerJob: undefined } },
        /^split\.files: /u,
      ],
      [
        'a name of ours',
        [request()],
        { files: [input(PAYLOAD.name)] },
        /^files: A file of the task is called/u,
      ],
      ['one name twice', [request()], { files: [input('a'), input('a', '/b/a')] }, /^files: Two files/u],
      ['too much', [request()], { files: [input('a', '/a', 2e8)] }, /^files: .*200\.0 MB.*105 MB/u],
    ];
    for (const [name, requests, choices, wanted] of cases) {
      it(name, () => {
        const found = problems(requests, choices);
        assert.equal(found.length, 1, found.join('\n'));
        assert.match(found[0] ?? '', wanted);
      });
    }
  });
});
