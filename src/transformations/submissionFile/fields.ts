import type { Transformation } from '../api.ts';
import { knownTransformations } from '../catalog.ts';
import { PARAMETER_NAME } from '../sweep/parameterTable.ts';
import { MOST_JOBS } from '../sweep/sweep.ts';
import { DEFAULT_ATTEMPTS, MOST_ATTEMPTS } from '../task/gatherTask.ts';
import { text } from './shape.ts';
import type { Field, Fields, Shape } from './shape.ts';

const word = text(500);
const path = text(1000);
/** An argument may hold line ends, as a piece of Python does. */
const argument: Shape = { kind: 'text', most: 10_000 };
const memory = text(20, {
  pattern: /^(?=.*[1-9])\d{1,9}(\.\d{1,6})?\s*([MmGgTt]([Bb]|[Ii][Bb])?)?$/u,
  patternHelp: 'an amount of memory, as 4000M or 4G',
  bareNumber: 'number',
});
const time = text(30, {
  pattern: /^(?=.*[1-9])(\d{1,5}:[0-5]?\d:[0-5]?\d|\d{1,9}|(\d{1,6}\s*[DdHhMmSs]\s*)+)$/u,
  patternHelp: 'a time, as 90m, 12h or 1:30:00',
  bareNumber: 'integer',
});

const RESOURCES: Fields = {
  cores: { shape: { kind: 'count', least: 1, most: 1024 }, help: 'Processor cores.' },
  memory: { shape: memory, help: 'Memory of the whole job: `4G`, `4000M`; a bare number is MB.' },
  disk: { shape: memory, help: 'Space in its working folder: `10G`.' },
  walltime: {
    shape: time,
    help: 'Longest time it may run: `90m`, `12h`, `1:30:00`; a bare number is seconds.',
  },
};

const TASK: Fields = {
  attempts: {
    shape: { kind: 'count', least: 1, most: MOST_ATTEMPTS },
    help: `How often each job is tried at most; ${DEFAULT_ATTEMPTS} where it is left out.`,
  },
  folder: {
    shape: path,
    help: 'A folder whose files go along, but for what `.gitignore` leaves out, hidden files and large ones.',
  },
};

const RANGE: Fields = {
  from: { shape: { kind: 'number' }, required: true, help: 'The first value.' },
  to: { shape: { kind: 'number' }, required: true, help: 'The last value, if the steps meet it.' },
  step: { shape: { kind: 'number' }, help: 'From one value to the next; 1 where it is left out.' },
};

const SWEEP: Fields = {
  files: {
    shape: { kind: 'list', of: path, least: 1, most: 2000 },
    help: 'Main files, in place of `file`: jobs for each of them, several visits for example. `{file}` is its name.',
  },
  table: {
    shape: path,
    help: 'A CSV file: one job for each row, `{column}` is the value of that column.',
  },
  parameters: {
    shape: {
      kind: 'record',
      name: PARAMETER_NAME,
      nameHelp: 'letters, digits, _ and -, a letter first',
      of: {
        kind: 'fieldsOr',
        fields: RANGE,
        other: { kind: 'list', of: argument, least: 1, most: MOST_JOBS },
      },
    },
    help: 'Values by name, as a list or as a range: one job for each, `{name}` is the value.',
  },
  repeat: {
    shape: { kind: 'count', least: 1, most: MOST_JOBS },
    help: 'So many jobs of each combination; `{repeat}` counts them from 1.',
  },
};

/** Everything that a submission file for these transformations may hold. */
export function fieldsFor(transformations: readonly Named[]): Fields {
  return { transformation: transformationField(transformations), ...OTHER_FIELDS };
}

type Named = Pick<Transformation, 'id' | 'label'>;

function transformationField(transformations: readonly Named[]): Field {
  // The simplest first, for whoever reads them.
  const simplest = transformations.toReversed();
  const names = simplest.map(({ id, label }) => (label === id ? `\`${id}\`` : `\`${id}\` (${label})`));
  return {
    shape: text(50, { choices: simplest.map(({ id }) => id) }),
    required: true,
    help: `What runs: ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}.`,
  };
}

const OTHER_FIELDS: Fields = {
  file: {
    shape: path,
    help: 'The main file: a script, an instance catalog, a pipeline, whatever is to be run.',
  },
  name: {
    shape: text(200),
    help: 'What you call it. `{parameter}` puts in what varies from job to job.',
  },
  profile: {
    shape: text(200),
    help: 'The connection to use; the one chosen at the time where it is left out.',
  },
  site: {
    shape: { kind: 'oneOrMore', of: text(64), most: 50 },
    help: "Where it is to run; of several sites the jobs are dealt out in turn. The profile's site where it is left out.",
  },
  resources: { shape: { kind: 'fields', fields: RESOURCES }, help: 'What each job needs.' },
  parameters: {
    shape: {
      kind: 'record',
      name: /^[a-z][a-z0-9-]*$/u,
      nameHelp: 'lower-case letters, digits and -',
      of: { kind: 'oneOrMore', of: argument, most: 1000 },
    },
    help: "The transformation's own parameters, as `sensor` and `command` of phoSim.",
  },
  arguments: {
    shape: { kind: 'list', of: argument, most: 1000 },
    help: 'Words for the payload, one by one; no shell reads them.',
  },
  outputs: {
    shape: { kind: 'list', of: word, most: 1000 },
    help: 'Files that it writes in its working folder and that are to be kept.',
  },
  inputs: {
    shape: { kind: 'list', of: path, most: 1000 },
    help: 'More files that it needs; it finds them in its working folder, below the same names.',
  },
  task: {
    shape: { kind: 'fields', fields: TASK },
    help: 'Submits the jobs as one task, of which PanDA tries again what fails: `task: {attempts: 3}`.',
  },
  sweep: {
    shape: { kind: 'fields', fields: SWEEP },
    help: 'What varies: one job for each combination. What stands last varies fastest.',
  },
  staging: {
    shape: {
      kind: 'fields',
      fields: {
        folder: {
          shape: text(200, {
            pattern: /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/u,
            patternHelp: 'folders as campaign/2026: letters, digits, . _ and -',
          }),
          help: 'Where its files are staged, below the place that the profile names: `campaign/2026`.',
        },
      },
    },
    help: 'Where its files wait, below the place that the profile names.',
  },
};

/** Everything that a submission file may hold. */
export const SUBMISSION_FIELDS = fieldsFor(knownTransformations());

/** Everything that was asked for once: the transformation may be one that only another version knows. */
export const RECORDED_FIELDS: Fields = {
  ...SUBMISSION_FIELDS,
  transformation: { shape: text(50), required: true, help: 'What ran.' },
};
