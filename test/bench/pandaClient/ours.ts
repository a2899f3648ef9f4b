/** One call of our client in a process of its own: `submit COUNT FILE`, `describe FILE`, `kill FILE`. FILE holds PandaIDs. */
import { readFile, writeFile } from 'node:fs/promises';
import { createPandaClient } from '../../../src/panda/index.ts';
import { sandboxProfile } from '../../../src/sandbox/profile.ts';
import { benchSpecs } from '../benchSpecs.ts';

const [url = '', token = '', user = '', action, ...words] = process.argv.slice(2);
const client = createPandaClient(sandboxProfile({ url, token, pid: 0, startedAt: 0 }, user));

const idsIn = async (file = ''): Promise<number[]> => JSON.parse(await readFile(file, 'utf8')) as number[];

switch (action) {
  case 'submit': {
    const [count, file = ''] = words;
    const outcomes = await client.jobs.submit(benchSpecs(client, user, Number(count)));
    const ids = outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.pandaId : null));
    if (ids.includes(null)) throw new Error('a job was not taken');
    await writeFile(file, JSON.stringify(ids));
    break;
  }
  case 'describe': {
    const records = await client.jobs.describe(await idsIn(words[0]));
    if (records.includes(null)) throw new Error('a job is not there');
    break;
  }
  case 'kill': {
    const done = await client.jobs.kill(await idsIn(words[0]));
    if (done.includes(false)) throw new Error('a job could not be killed');
    break;
  }
  default:
    throw new Error(`no action ${action}`);
}
client.dispose();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMB: maxRSS / 1024 }));
