import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMail } from '../../../../src/pipeline/index.ts';
import type { JobMails } from '../../../../src/pipeline/service/jobMailScript.ts';
import { runScriptOf, wordsOf } from '../../../../src/pipeline/service/runScript.ts';
import { until } from '../../../support/until.ts';
import { jobOf } from './serviceWorld.ts';

const MAILS: JobMails = {
  from: 'panda@example.org',
  to: 'pipeline@example.org',
  startId: '1.abc.start@example.org',
  endId: '1.abc.end@example.org',
};
/** A mail program that keeps what it is given. */
const SENDMAIL = '#!/bin/sh\nn=$(ls "$MAILS" | wc -l)\n{ echo "$@"; cat; } > "$MAILS/$((n + 1))"\n';

describe('the script that runs a command of the pipeline', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run script '));
    for (const name of ['bin', 'mails', 'job']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'bin', 'sendmail'), SENDMAIL, { mode: 0o755 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const env = (path = `${join(folder, 'bin')}:${process.env.PATH ?? ''}`) => ({
    PATH: path,
    MAILS: join(folder, 'mails'),
  });
  async function write(
    command: string,
    mails: JobMails | undefined,
    more = new Map<string, string>(),
  ): Promise<string> {
    const job = jobOf(1, { command, env: more, workingDirectory: "/data/desc/it's 1", logFile: 'a b.log' });
    const file = join(folder, 'job', 'run.sh');
    await writeFile(file, runScriptOf(job, wordsOf(command), '1', mails));
    return file;
  }
  const mailAt = async (number: number) => {
    const [words = '', ...lines] = (await readFile(join(folder, 'mails', String(number)), 'utf8')).split(
      '\n',
    );
    const gap = lines.indexOf('');
    const headers = lines.slice(0, gap);
    const subject = headers.find((line) => line.startsWith('Subject: '))?.slice(9) ?? '';
    return { words, headers, mail: parseMail({ subject, text: lines.slice(gap + 1).join('\n') }) };
  };

  it('gives it its environment as it is, and nothing for a shell to expand', async () => {
    const odd = `'"\`echo x\`$(echo y)$HOME\\\n\t*é`;
    const file = await write(`printf '%s|%s' "$ODD; exit 9" '$(id)'`, undefined, new Map([['ODD', odd]]));
    assert.equal(
      spawnSync('sh', [file], { cwd: join(folder, 'job'), env: env() }).stdout.toString(),
      '$ODD; exit 9|$(id)',
    );
    const shown = await write('printenv ODD', undefined, new Map([['ODD', odd]]));
    assert.equal(
      spawnSync('sh', [shown], { cwd: join(folder, 'job'), env: env() }).stdout.toString(),
      `${odd}\n`,
    );
    const place = await write(
      'printenv PIPELINE_WORKDIR JOBCONTROL_LOGFILE JOBCONTROL_SUBMIT_COMMAND',
      undefined,
    );
    assert.deepEqual(
      spawnSync('sh', [place], { cwd: join(folder, 'job'), env: env() })
        .stdout.toString()
        .split('\n')
        .slice(0, 2),
      [join(folder, 'job'), join(folder, 'job', 'a_b.log')],
    );
  });

  it('sends mails where it runs, and ends as the command', async () => {
    const file = await write(`sh -c 'echo "Pipeline.n: 5" >> pipeline_summary; echo é; exit 3'`, MAILS);
    const { status, stdout } = spawnSync('sh', [file], { cwd: join(folder, 'job'), env: env() });
    assert.deepEqual([status, stdout.toString()], [3, 'é\n']);
    const start = await mailAt(1);
    assert.equal(start.words, '-i -f panda@example.org pipeline@example.org');
    assert.ok(start.headers.includes('Message-ID: <1.abc.start@example.org>'));
    assert.equal(start.mail.kind, 'start');
    assert.deepEqual(
      [start.mail.workDir, start.mail.logFile],
      ["/data/desc/it's 1", "/data/desc/it's 1/a_b.log"],
    );
    const { mail, headers } = await mailAt(2);
    assert.ok(headers.includes('Message-ID: <1.abc.end@example.org>'));
    assert.ok(mail.kind === 'end');
    assert.deepEqual([mail.exitCode, [...mail.variables], mail.processInstance], [3, [['n', '5']], '1']);
    const summary = await readFile(join(folder, 'job', 'pipeline_summary'), 'utf8');
    assert.deepEqual(summary.match(/^MailSent: .*$/gm), ['MailSent: start', 'MailSent: end']);
  });

  it('says nothing of mails that the node did not take', async () => {
    await writeFile(join(folder, 'bin', 'sendmail'), '#!/bin/sh\nexit 75\n', { mode: 0o755 });
    const file = await write('true', MAILS);
    assert.equal(spawnSync('sh', [file], { cwd: join(folder, 'job'), env: env() }).status, 0);
    assert.ok(!existsSync(join(folder, 'job', 'pipeline_summary')));
  });

  it('waits for a mail program only so long', async () => {
    await writeFile(join(folder, 'bin', 'timeout'), '#!/bin/sh\necho "$1" >> "$MAILS/limits"\nexit 124\n', {
      mode: 0o755,
    });
    const file = await write("sh -c 'exit 4'", MAILS);
    assert.equal(spawnSync('sh', [file], { cwd: join(folder, 'job'), env: env() }).status, 4);
    assert.equal(await readFile(join(folder, 'mails', 'limits'), 'utf8'), '120\n120\n');
    assert.ok(!existsSync(join(folder, 'job', 'pipeline_summary')));
  });

  it('sends the end mail of a command that was told to end', async () => {
    const file = await write(`sh -c 'trap "exit 7" TERM; : > begun; while :; do sleep 0.1; done'`, MAILS);
    const child = spawn('sh', [file], { cwd: join(folder, 'job'), env: env(), detached: true });
    await until('the command', () => Promise.resolve(existsSync(join(folder, 'job', 'begun'))));
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 7);
    const { mail } = await mailAt(2);
    assert.ok(mail.kind === 'end' && mail.exitCode === 7);
  });
});
