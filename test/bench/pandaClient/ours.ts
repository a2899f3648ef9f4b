/**
 * Calls of our client: `URL TOKEN USER`, then `submit COUNT FILE`, `describe FILE` or `kill FILE`, once; or nothing, to take
 * such lines from stdin until it ends. FILE holds PandaIDs. Prints a line of JSON a call.
 */
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createPandaClient } from '../../../src/panda/index.ts';
import { sandboxProfile } from '../../../src/sandbox/profile.ts';
import { benchSpecs } from '../benchSpecs.ts';

const [url = '', token = '', user = '', ...once] = process.argv.slice(2);
const client = createPandaClient(sandboxProfile({ url, token, pid: 0, startedAt: 0 }, user));

const idsIn = async (file = ''): Promise<number[]> => JSON.parse(await readFile(file, 'utf8')) as number[];

/** What is made ready, is timed, and what is done with its result. */
async function perform([action, ...words]: readonly string[]): Promise<Record<string, number>> {
  switch (action) {
    case 'submit': {
      const [count, file = ''] = words;
      const specs = benchSpecs(client, user, Number(count));
      const { result, cost } = await timed(() => client.jobs.submit(specs));
      const ids = result.map((outcome) => (outcome.kind === 'accepted' ? outcome.pandaId : null));
      if (ids.includes(null)) throw new Error('a job was not taken');
      await writeFile(file, JSON.stringify(ids));
      return cost;
    }
    case 'describe': {
      const ids = await idsIn(words[0]);
      const { result, cost } = await timed(() => client.jobs.describe(ids));
      if (result.includes(null)) throw new Error('a job is not there');
      return cost;
    }
    case 'kill': {
      const ids = await idsIn(words[0]);
      const { result, cost } = await timed(() => client.jobs.kill(ids));
      if (result.includes(false)) throw new Error('a job could not be killed');
      return cost;
    }
    default:
      throw new Error(`no action ${action}`);
  }
}

async function timed<T>(call: () => Promise<T>): Promise<{ result: T; cost: Record<string, number> }> {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const result = await call();
  const { user: inUser, system } = process.cpuUsage(cpu);
  return { result, cost: { wallMs: performance.now() - begun, cpuMs: (inUser + system) / 1000 } };
}

/** Linux counts in `maxRSS` what the parent had. */
function peakMB(): number {
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(peak) / 1024;
}

function tell(cost: Record<string, number>): void {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const processCpuMs = (userCPUTime + systemCPUTime) / 1000;
  process.stdout.write(`${JSON.stringify({ ...cost, processCpuMs, rssMB: peakMB() })}\n`);
}

if (once.length > 0) {
  tell(await perform(once));
} else {
  for await (const line of createInterface({ input: process.stdin })) tell(await perform(line.split(' ')));
}
client.dispose();
