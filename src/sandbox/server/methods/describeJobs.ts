import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../panda/index.ts';
import type { Store } from '../store/store.ts';
import { isoText } from '../wire/dateTime.ts';
import { JsonText } from '../wire/jsonText.ts';

type Attributes = readonly (readonly [name: string, kind: string])[];

const valuesOf = (table: string, attributes: Attributes): string =>
  `json_array(${attributes.map(([name]) => `${table}."${name}"`).join(', ')})`;

const DESCRIPTIONS = `SELECT PandaID, ${valuesOf('jobs', JOB_ATTRIBUTES)}, (
    SELECT json_group_array(json(described)) FROM (
      SELECT ${valuesOf('files', FILE_ATTRIBUTES)} AS described FROM files WHERE files.PandaID = jobs.PandaID ORDER BY row_ID
    )
  ) FROM jobs WHERE PandaID IN (SELECT value FROM json_each(?))`;

/**
 * Jobs as `get_description` answers them: their attributes and `Files`, null for one that is not there. As there are many
 * of them, with many values each, the JSON is put together here and no object is made in between.
 */
export function describeJobs(store: Store, pandaIds: readonly number[]): JsonText {
  const texts = new Map<unknown, string>();
  for (const [id, values, files] of store.rows(DESCRIPTIONS, JSON.stringify(pandaIds))) {
    const described = (JSON.parse(String(files)) as Values[]).map(
      (file) => `{${members(FILE_MEMBERS, file)}}`,
    );
    const own = members(JOB_MEMBERS, JSON.parse(String(values)) as Values);
    texts.set(id, `{${own},"Files":[${described.join(',')}]}`);
  }
  return new JsonText(`[${pandaIds.map((id) => texts.get(id) ?? 'null').join(',')}]`);
}

type Values = readonly (string | number | null)[];

interface Member {
  readonly prefix: string;
  readonly unset: string;
  readonly isTime: boolean;
}

const membersOf = (attributes: Attributes): readonly Member[] =>
  attributes.map(([name, kind], index) => {
    const prefix = `${index === 0 ? '' : ','}"${name}":`;
    return { prefix, unset: `${prefix}null`, isTime: kind === 'time' };
  });

const JOB_MEMBERS = membersOf(JOB_ATTRIBUTES);
const FILE_MEMBERS = membersOf(FILE_ATTRIBUTES);

function members(all: readonly Member[], values: Values): string {
  let text = '';
  for (const [index, { prefix, unset, isTime }] of all.entries()) {
    const value = values[index] ?? null;
    if (value === null) text += unset;
    else if (isTime && typeof value === 'number') text += `${prefix}{"__datetime__":"${isoText(value)}"}`;
    else text += prefix + (typeof value === 'number' ? String(value) : JSON.stringify(value));
  }
  return text;
}
