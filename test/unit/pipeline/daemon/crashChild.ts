/**
 * A job control service that kills itself: started by crash.test.ts with the server's URL, a folder, the port of a mail
 * server and the moment to die: `before` or `after`, `:write:N` or `:commit:N` for the N-th of its journal, or `never`.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createPandaClient } from '../../../../src/panda/index.ts';
import { parseDaemonConfig, startDaemon } from '../../../../src/pipeline/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import { createTransformations } from '../../../../src/transformations/index.ts';
import {
  createJobFiles,
  createSubmissionJournal,
  findLog,
  systemClock,
} from '../../../../src/watch/index.ts';
import { readPayloadSource } from '../../transformations/payloadSources.ts';
import { profileOf } from '../../watch/submission/server.ts';

const [url = '', folder = '', mailPort = '', moment = 'never'] = process.argv.slice(2);

dieAt(moment);
await mkdir(folder, { recursive: true });
const profile = profileOf(url);
const client = createPandaClient(profile);
const config = parseDaemonConfig(
  'crash.yaml',
  `state: ${folder}
users: { glast: { profile: sandbox } }
rmi: { host: 127.0.0.1, publicHost: 127.0.0.1, port: 0 }
mail: { from: panda@example.org, to: pipeline@example.org, server: 127.0.0.1, port: ${mailPort} }
pollSeconds: 1
`,
);
const daemon = await startDaemon(config, {
  account: (_user, submissions) => {
    const deps = {
      client,
      profile,
      clock: systemClock,
      journal: createSubmissionJournal(submissions),
      random: Math.random,
      stores: createStagingStores(),
      uploadsFolder: join(folder, 'uploads'),
    };
    const jobFiles = createJobFiles(client, deps);
    const transformations = createTransformations(readPayloadSource);
    const log = findLog(client, deps, jobFiles);
    return Promise.resolve({
      client,
      deps,
      jobFiles,
      findLog: log,
      transformations,
      sandbox: true,
      staged: false,
    });
  },
  clock: systemClock,
  courierProgram: join(dirname(process.argv[1] ?? ''), 'courier.mjs'),
  tell: (_level, event, facts) => process.stderr.write(`${event} ${JSON.stringify(facts)}\n`),
  settledAfter: 300,
});
process.stdout.write(`${daemon.port}\n`);

/** Counts writes or commits where they leave for SQLite, so that the service itself knows nothing of it. */
function dieAt(when: string): void {
  const [, where, what, number] = /^(before|after):(write|commit):(\d+)$/.exec(when) ?? [];
  if (where === undefined) return;
  let seen = 0;
  const counted = <Result>(work: () => Result): Result => {
    seen += 1;
    const die = (): void => void (seen === Number(number) && process.kill(process.pid, 'SIGKILL'));
    if (where === 'before') die();
    const result = work();
    if (where === 'after') die();
    return result;
  };
  if (what === 'commit') {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the database it belongs to
    const { exec } = DatabaseSync.prototype;
    DatabaseSync.prototype.exec = function (sql) {
      if (sql === 'COMMIT') counted(() => exec.call(this, sql));
      else exec.call(this, sql);
    };
    return;
  }
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the database it belongs to
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    if (!/^(INSERT|UPDATE)/.test(sql)) return statement;
    for (const name of ['run', 'all'] as const) {
      const work = statement[name].bind(statement) as (...values: unknown[]) => unknown;
      const value = (...values: unknown[]): unknown => counted(() => work(...values));
      Object.defineProperty(statement, name, { value });
    }
    return statement;
  };
}
