import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  archiveOf,
  makeTaskName,
  readCommand,
  scriptTaskParameters,
  validateTaskParameters,
  type ScriptTask,
  type TaskParameters,
} from '../../../../src/panda/index.ts';

/** What `prun` of PanDA's own client 2.2.0 makes of command lines, as it dumps it. */
const PRUN = JSON.parse(
  readFileSync(new URL('../../../fixtures/prun-tasks.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, TaskParameters>>;

const BASE: ScriptTask = {
  name: 'user.root.t1',
  profile: {
    cache: 'http://127.0.0.1:8080',
    vo: 'lsst',
    prodSourceLabel: 'test',
    workingGroup: 'Rubin',
    cloud: undefined,
  },
  processingType: 'script',
  command: ['./run.sh'],
  archive: 'jobO.x.tar.gz',
  outputs: [],
  split: { kind: 'jobs', jobs: 1 },
  site: 'SANDBOX',
  resources: { cores: 8, memoryMB: 8000, diskMB: 2000, walltimeSeconds: 7200 },
  maxAttempt: 3,
  cliParams: 'as it was typed',
  osInfo: 'Linux-6.1-x86_64',
};

/** The same as the command lines of the fixture say. */
const SAME: Readonly<Record<string, Partial<ScriptTask>>> = {
  jobs: {
    command: readCommand(`./run.sh %RNDM:5 'a b' x=\${HOME} 100% %OUT c/d (~*!ü)`),
    outputs: ['out.txt', 'hist.dat'],
    split: { kind: 'jobs', jobs: 3 },
  },
  events: {
    name: 'user.root.t2.x',
    command: readCommand(
      './run.sh --first=%FIRSTEVENT:1 -n %MAXEVENTS,%SKIPEVENTS seed%RNDM:0.x pre_%RNDM=0%_post',
    ),
    outputs: ['out.txt'],
    split: { kind: 'events', events: 10, eventsPerJob: 4 },
  },
  files: {
    name: 'user.root.t3',
    command: readCommand('cat %IN > out.txt; echo (%RNDM:2)'),
    outputs: ['out.txt'],
    split: {
      kind: 'files',
      files: ['root://h//a.root', 'root://h//b.root', 'root://h//c.root'],
      filesPerJob: 2,
    },
  },
  plain: { name: 'user.root.t4' },
};

const commandOf = ({ jobParameters }: TaskParameters): string => {
  const from = jobParameters.findIndex(({ value }) => value === '-p "');
  const to = jobParameters.findIndex(({ value }) => value === '"');
  return jobParameters
    .slice(from + 1, to)
    .map(({ value, type }) => (type === 'constant' ? decodeURIComponent(value) : value))
    .join('');
};

describe('script tasks', () => {
  describe('the parameters', () => {
    for (const [name, changes] of Object.entries(SAME)) {
      it(`are those that prun makes: ${name}`, () => {
        const theirs = PRUN[name]!;
        const archive = archiveOf(theirs);
        assert.ok(archive !== undefined);
        const ours = scriptTaskParameters({ ...BASE, ...changes, archive });
        // Where they differ on purpose: what names the program, and an empty text for an architecture that is not known.
        const { cliParams, processingType } = theirs;
        assert.deepEqual({ ...ours, cliParams, processingType, architecture: null }, theirs);
      });
    }

    it('are taken by the checks of a submission', () => {
      for (const [name, changes] of Object.entries(SAME)) {
        assert.deepEqual(validateTaskParameters(scriptTaskParameters({ ...BASE, ...changes })), []);
        assert.deepEqual(validateTaskParameters(PRUN[name]!), []);
      }
    });

    it('say what one job needs, per core and in the units of tasks', () => {
      const { ramCount, coreCount, maxWalltime, outDiskCount } = scriptTaskParameters({
        ...BASE,
        resources: { cores: 3, memoryMB: 4000, diskMB: 1, walltimeSeconds: 3601 },
      });
      assert.deepEqual([ramCount, coreCount, maxWalltime, outDiskCount], [1334, 3, 2, 1024]);
      const resources = { ...BASE.resources, cores: 1 };
      assert.equal('coreCount' in scriptTaskParameters({ ...BASE, resources }), false);
    });

    it('name no site and group where there is none', () => {
      const profile = { ...BASE.profile, workingGroup: undefined, cloud: 'US' };
      const parameters = scriptTaskParameters({ ...BASE, profile, site: undefined });
      assert.deepEqual([parameters.site, parameters.cloud], [null, 'US']);
      assert.equal('workingGroup' in parameters, false);
    });

    it('keep any command as it is', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (before, after) => {
          const command = [before, { kind: 'number', offset: 0 } as const, after];
          const parameters = scriptTaskParameters({ ...BASE, command });
          assert.equal(commandOf(parameters), `${before}\${SEQNUMBER}${after}`);
          for (const { type, value } of parameters.jobParameters) {
            if (type === 'constant') assert.doesNotMatch(value, /\$\{(?!SURL\}|IN\/T\})/u);
          }
        }),
      );
    });
  });

  it('numbers in commands are found as prun finds them', () => {
    assert.deepEqual(readCommand('%RNDM:7x%RNDM %FIRSTEVENT=0% 5%MAXEVENTS'), [
      '',
      { kind: 'number', offset: 7 },
      'x%RNDM ',
      { kind: 'firstEvent', offset: 0 },
      ' 5',
      { kind: 'maxEvents' },
      '',
    ]);
    assert.deepEqual(readCommand(''), ['']);
  });

  it('the archive of a task is found among its parameters, if it has one', () => {
    assert.equal(archiveOf(scriptTaskParameters(BASE)), 'jobO.x.tar.gz');
    for (const jobParameters of [undefined, [], [null], [{ type: 'constant', value: '-a ../x' }], 'x']) {
      assert.equal(archiveOf({ jobParameters }), undefined);
    }
  });

  it('names are unique, of plain letters and short enough for data sets', () => {
    assert.equal(
      makeTaskName('Jane.Doe', 'phoSim run/ü 1', 'abcdefghij'),
      'user.jane_doe.phoSim_run___1.abcdefghij',
    );
    assert.equal(makeTaskName('', '...', 'abcdefghij'), 'user._._.abcdefghij');
    fc.assert(
      fc.property(fc.string(), fc.string({ maxLength: 300 }), (user, task) => {
        const name = makeTaskName(user, task, 'abcdefghij');
        assert.match(name, /^user\.[\w-]+\.[\w-](?:[\w.-]*[\w-])?\.abcdefghij$/u);
        assert.ok(`${name}_${'x'.repeat(50)}/`.length <= 132);
      }),
    );
  });
});
