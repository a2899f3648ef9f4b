import assert from 'node:assert/strict';
import { cancelQuestion } from '../../../src/editor/commands/cancelQuestion.ts';
import { logPath, parseLogPath } from '../../../src/editor/documents/logUri.ts';
import { errorText } from '../../../src/editor/errorText.ts';
import { contextValue, jobFacts } from '../../../src/editor/jobs/contextValue.ts';
import { codeSpan, escapeMarkdown } from '../../../src/editor/markdown.ts';
import { statusText } from '../../../src/editor/statusText.ts';
import { describeResources, resourceFields } from '../../../src/editor/submitting/resourceTexts.ts';
import { PandaError } from '../../../src/panda/index.ts';
import { createJobStore, type Job } from '../../../src/watch/index.ts';

describe('Markdown of tooltips', () => {
  it('lets no text become markup, a link, an icon or a new line', () => {
    for (const evil of [
      '[x](http://x)',
      '<b>',
      '$(error)',
      'a|b',
      '# a',
      '`x`',
      '![i](u)',
      'http://x',
      'a\nb',
      '&lt;',
    ]) {
      assert.doesNotMatch(escapeMarkdown(evil).replace(/&#\d+;/g, ''), /[[\]()<>$|#`!:\n&]/, evil);
    }
    assert.equal(escapeMarkdown('R22 S11'), 'R22 S11');
  });

  it('fences code with more backticks than it holds', () => {
    assert.equal(codeSpan('a``b'), '``` a``b ```');
    assert.equal(codeSpan('plain'), '` plain `');
    assert.equal(codeSpan(''), '');
  });
});

describe('the context value of a row', () => {
  const job = {
    state: 'finished',
    cancelRequested: false,
    submittedByUs: true,
    started: true,
    outputsHere: true,
    monitor: true,
  };
  const value = (change: Partial<typeof job>): string => contextValue(jobFacts({ ...job, ...change }));

  it('offers by state only what can work', () => {
    assert.equal(value({}), 'job resubmittable log outputs files monitor submission');
    assert.equal(value({ state: 'running' }), 'job cancellable monitor submission');
    assert.equal(value({ state: 'running', cancelRequested: true }), 'job monitor submission');
    assert.equal(value({ state: 'cancelled', started: false }), 'job resubmittable monitor submission');
    assert.equal(value({ submittedByUs: false, outputsHere: false, monitor: false }), 'job log files');
    assert.equal(value({ state: 'a_new_state' }), 'job cancellable monitor submission');
  });
});

describe('the question before a cancel', () => {
  const jobs = (...states: string[]): Job[] => {
    const store = createJobStore();
    store.apply(
      states.map((state, index) => ({
        pandaId: index + 1,
        state,
        jobName: `R22_S${index}.mp4k2a00aa.${index + 1}`,
      })),
    );
    return states.map((_, index) => store.get(index + 1)!);
  };

  it('names what ends and how many', () => {
    const label = (): string => 'phoSim visit 900001';
    assert.equal(cancelQuestion(jobs('running'), label).text, 'Cancel R22_S0 (1)?');
    const store = createJobStore();
    store.apply([{ pandaId: 1, state: 'running', jobName: 'user.jane.x/.1', taskId: 7 }]);
    assert.match(cancelQuestion([store.get(1)!], label).detail, /to end it, kill the task\.$/);
    const many = cancelQuestion(jobs('running', 'activated', 'running'), label);
    assert.equal(many.text, 'Cancel 3 jobs of phoSim visit 900001?');
    assert.equal(many.button, 'Cancel 3 jobs');
    assert.match(many.detail, /^2 of them run: the pilot ends them at its next heartbeat/);
    assert.equal(
      cancelQuestion(jobs('activated', 'sent'), () => undefined).text,
      'Cancel 2 jobs: R22_S0, R22_S1?',
    );
  });
});

describe('addresses of logs', () => {
  it('come back as they were', () => {
    const address = { profile: 'USDF/prod é', pandaId: 6_900_000_001, file: 'payload.stdout' } as const;
    assert.deepEqual(parseLogPath(logPath(address)), address);
    for (const path of [
      '/a/b payload.stdout.log',
      '/a/1 other.log',
      '/a/1/payload.stdout.log',
      '/%E0%A4%A/1 payload.stdout.log',
      '',
    ]) {
      assert.equal(parseLogPath(path), undefined, path);
    }
  });
});

describe('texts', () => {
  it('counts jobs in the status bar', () => {
    assert.equal(
      statusText({ running: 3, activated: 2, holding: 1, failed: 2, finished: 9 }),
      'PanDA $(play) 3 $(clock) 3 $(error) 2',
    );
    assert.equal(statusText({ finished: 9 }), 'PanDA $(check)');
  });

  it('reads resources as they are written, and writes them as they are read', () => {
    assert.equal(
      describeResources({ cores: 8, memoryMB: 4000, diskMB: 10_000, walltimeSeconds: 43_200 }),
      '8 cores · 4.0 GB · 12 h · 10.0 GB disk',
    );
    const parse = (key: string, text: string): number | undefined =>
      resourceFields.find((field) => field.key === key)?.parse(text);
    assert.equal(parse('memoryMB', '4 GB'), 4000);
    assert.equal(parse('memoryMB', '500'), 500);
    assert.equal(parse('walltimeSeconds', '1 h 30 m'), 5400);
    assert.equal(parse('walltimeSeconds', '90m'), 5400);
    assert.equal(parse('cores', '8'), 8);
    for (const wrong of ['', '0', '-1', 'many', '1e9', '4 cats']) {
      for (const { key, parse: read } of resourceFields)
        assert.equal(read(wrong), undefined, `${key}: ${wrong}`);
    }
    for (const { format, parse: read, example } of resourceFields)
      assert.equal(read(format(read(example)!)), read(example));
  });

  it('says what happened and what to do, and nothing of a cancel', () => {
    const error = new PandaError({
      kind: 'unreachable',
      tried: 'submit',
      cameBack: 'no answer',
      advice: 'Check the network',
    });
    assert.deepEqual(errorText(error)?.message, 'Could not submit: no answer.');
    assert.deepEqual(errorText(error)?.advice, 'Check the network.');
    assert.equal(errorText(new DOMException('stopped', 'AbortError')), undefined);
    assert.match(
      errorText(new TypeError('x is not a function'))?.message ?? '',
      /^Something went wrong: x is not a function\.$/,
    );
  });
});
