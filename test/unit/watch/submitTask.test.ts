import assert from 'node:assert/strict';
import { PandaError, type TaskSubmitOutcome, type UniqueTaskParameters } from '../../../src/panda/index.ts';
import { keepTaskArchive, submitTask, type SubmitTaskDeps } from '../../../src/watch/index.ts';

const PARAMETERS: UniqueTaskParameters = {
  taskName: 'user.jane.x/',
  uniqueTaskName: true,
  vo: 'lsst',
  prodSourceLabel: 'user',
  processingType: 'script',
  architecture: '',
  transUses: '',
  transHome: null,
  jobParameters: [{ type: 'constant', value: '-a jobO.x.tar.gz' }],
};
const ARCHIVE = { name: 'jobO.x.tar.gz', content: Buffer.from('packed') };
const ACCEPTED: TaskSubmitOutcome = { kind: 'accepted', taskId: 7, message: 'jediTaskID=7' };
const DUPLICATE: TaskSubmitOutcome = { kind: 'duplicate', taskId: 7, message: 'jediTaskID=7' };

function trouble(facts: { readonly mayHaveActed?: boolean; readonly passing?: boolean }): PandaError {
  return new PandaError({
    kind: 'unreachable',
    tried: 'submit it',
    cameBack: JSON.stringify(facts),
    advice: 'Try again',
    ...facts,
  });
}
const LOST = trouble({ mayHaveActed: true });

/** A client whose submissions are answered in turn, and which notes what is asked of it. */
function setUp(answers: readonly (TaskSubmitOutcome | Error)[], parameters: object | null = PARAMETERS) {
  const asked: string[] = [];
  const left = [...answers];
  const deps: SubmitTaskDeps = {
    client: {
      files: {
        ensureCacheFile: async (name, content) => {
          asked.push(`cache ${name} ${Buffer.from(content).toString()}`);
        },
        touchCacheFile: async (name) => {
          asked.push(`touch ${name}`);
          return name === ARCHIVE.name;
        },
      },
      tasks: {
        submit: async ({ taskName }) => {
          asked.push(`submit ${taskName}`);
          const answer = left.shift();
          if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
          return answer;
        },
        getTaskParameters: async () => parameters as Readonly<Record<string, unknown>> | null,
      },
    },
    clock: {
      now: () => 0,
      after: (ms, callback) => {
        asked.push(`wait ${ms}`);
        setImmediate(callback);
        return { dispose: () => undefined };
      },
    },
    random: () => 0.5,
  };
  return { deps, asked };
}

describe('submitting a task', () => {
  it('puts its archive into the cache first', async () => {
    const { deps, asked } = setUp([ACCEPTED]);
    const phases: string[] = [];
    const outcome = await submitTask(PARAMETERS, ARCHIVE, deps, {
      onProgress: (phase) => phases.push(phase),
    });
    assert.deepEqual(outcome, ACCEPTED);
    assert.deepEqual(asked, ['cache jobO.x.tar.gz packed', 'submit user.jane.x/']);
    assert.deepEqual(phases, ['uploading', 'submitting']);
  });

  it('asks again after a lost answer, and takes a task of its name for its own', async () => {
    const { deps, asked } = setUp([LOST, trouble({ passing: true }), DUPLICATE]);
    assert.deepEqual(await submitTask(PARAMETERS, ARCHIVE, deps), { ...DUPLICATE, kind: 'accepted' });
    assert.deepEqual(asked.slice(1), [
      'submit user.jane.x/',
      'wait 1000',
      'submit user.jane.x/',
      'wait 5000',
      'submit user.jane.x/',
    ]);
  });

  it('does not take a task of its name for its own when no answer was lost', async () => {
    const { deps } = setUp([DUPLICATE]);
    assert.deepEqual(await submitTask(PARAMETERS, ARCHIVE, deps), DUPLICATE);
  });

  it('ends with the error of the lost answer, whatever came later', async () => {
    for (const later of [
      [LOST, LOST, LOST, LOST],
      [LOST, trouble({})],
      [LOST, LOST, trouble({})],
    ]) {
      const { deps } = setUp(later);
      await assert.rejects(submitTask(PARAMETERS, ARCHIVE, deps), (error) => error === LOST);
    }
  });

  it('does not ask again where nothing happened, or nobody wants it any more', async () => {
    const refused = trouble({ passing: true });
    const { deps, asked } = setUp([refused]);
    await assert.rejects(submitTask(PARAMETERS, ARCHIVE, deps), (error) => error === refused);
    assert.equal(asked.length, 2);
    const controller = new AbortController();
    const stopped = setUp([LOST]);
    const going = submitTask(PARAMETERS, ARCHIVE, stopped.deps, {
      signal: controller.signal,
      onProgress: (phase) => {
        if (phase === 'submitting') controller.abort();
      },
    });
    await assert.rejects(going, { name: 'AbortError' });
    const aborted = setUp([ACCEPTED]);
    await assert.rejects(submitTask(PARAMETERS, ARCHIVE, aborted.deps, { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
    assert.equal(aborted.asked.includes('submit user.jane.x/'), false);
  });

  it('keeps the archive of a task, if it has one and it is there', async () => {
    const { deps, asked } = setUp([]);
    assert.equal(await keepTaskArchive(7, deps), 'kept');
    assert.deepEqual(asked, ['touch jobO.x.tar.gz']);
    const gone = { jobParameters: [{ type: 'constant', value: '-a jobO.y.tar.gz' }] };
    assert.equal(await keepTaskArchive(7, setUp([], gone).deps), 'gone');
    for (const none of [null, {}]) assert.equal(await keepTaskArchive(7, setUp([], none).deps), 'none');
  });
});
