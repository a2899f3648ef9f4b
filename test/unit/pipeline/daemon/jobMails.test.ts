import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_JOB } from '../../../../src/pipeline/rmi/index.ts';
import type { JobControlRemote } from '../../../../src/pipeline/rmi/index.ts';
import type { SandboxControl } from '../../../../src/sandbox/index.ts';
import { until } from '../../../support/until.ts';
import { startMailServer } from '../mail/mailServer.ts';
import type { MailServer, ReceivedMail } from '../mail/mailServer.ts';
import { sandboxOf, startRunningDaemon } from './runningDaemon.ts';
import type { RunningDaemon } from './runningDaemon.ts';

const SMTP = import.meta.resolve('../../../../src/pipeline/mail/smtp.ts');

/** A node's mail program that hands over to a mail server at once. */
const sendmailSource = (port: number): string => `
import { text } from 'node:stream/consumers';
import { createSmtp } from ${JSON.stringify(SMTP)};
const [flag, from, to] = process.argv.slice(3);
if (process.argv[2] !== '-i' || flag !== '-f') process.exit(64);
const raw = (await text(process.stdin)).replace(/\\n/g, '\\r\\n');
const smtp = createSmtp({ host: '127.0.0.1', port: ${port}, security: 'none', login: undefined });
const nothing = () => undefined;
await smtp.send({ from, to, raw }, { onLeaving: nothing, onTaken: nothing });
`;

describe('mails that jobs send themselves, on the sandbox', () => {
  let folder: string;
  let control: SandboxControl;
  let daemon: RunningDaemon;
  let mails: MailServer;
  let service: JobControlRemote;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'job mails '));
    mails = await startMailServer();
    control = sandboxOf(folder);
    daemon = await startRunningDaemon(
      folder,
      control,
      `state: ${folder}/state
users: { glast: { profile: sandbox } }
rmi: { host: 127.0.0.1, publicHost: 127.0.0.1, port: 0 }
mail: { from: panda@example.org, to: pipeline@example.org, server: 127.0.0.1, port: ${mails.port}, sender: job }
pollSeconds: 1
`,
    );
    service = await daemon.service('JobControlService-glast');
    await writeFile(join(folder, 'sendmail.mjs'), sendmailSource(mails.port));
  });
  after(async () => {
    await daemon.end();
    await control.stop();
    await mails.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A folder of programs of a node whose sendmail does this; HAND_OVER stands for the real one. */
  async function nodeWith(name: string, sendmail: string): Promise<string> {
    const bin = join(folder, name);
    await mkdir(bin);
    const handOver = `'${process.execPath}' --disable-warning=ExperimentalWarning '${join(folder, 'sendmail.mjs')}' "$@"`;
    await writeFile(join(bin, 'sendmail'), `#!/bin/sh\n${sendmail.replace('HAND_OVER', handOver)}\n`, {
      mode: 0o755,
    });
    return bin;
  }
  const submit = (instance: number, bin: string, script: string): Promise<string> =>
    service.submit({
      ...EMPTY_JOB,
      command: 'sh pipeline_wrapper',
      workingDirectory: `/data/desc/${instance}`,
      env: new Map([
        ['PIPELINE_STREAM', '7'],
        ['PIPELINE_TASK', 'phosim'],
        ['PIPELINE_PROCESSINSTANCE', String(instance)],
        ['PATH', `${bin}:/usr/local/bin:/usr/bin:/bin`],
      ]),
      files: new Map([['pipeline_wrapper', script]]),
    });
  const mailsOf = (instance: number): readonly ReceivedMail[] =>
    mails.received.filter(({ mail }) => mail.processInstance === String(instance));
  const kindsOf = (instance: number): readonly string[] => mailsOf(instance).map(({ mail }) => mail.kind);
  const sentByDaemon = (instance: number): readonly unknown[] =>
    daemon
      .log()
      .filter(({ event, instance: one }) => event === 'mail.sent' && one === String(instance))
      .map(({ kind }) => kind);
  const arrived = (instance: number, kind: string): Promise<true> =>
    until(`the ${kind} mail of ${instance}`, () => Promise.resolve(kindsOf(instance).includes(kind)), {
      timeoutMs: 60_000,
      seen: () => Promise.resolve(JSON.stringify(daemon.log().slice(-20))),
    });
  /** After two more looks at all jobs nothing is left to be sent. */
  const settled = async (): Promise<void> => {
    const id = await submit(nextInstance++, silent, 'true\n');
    await until('a later job to be done', async () => (await service.status(id))?.status === 'DONE', {
      timeoutMs: 60_000,
    });
    const later = nextInstance - 1;
    await arrived(later, 'end');
  };
  let nextInstance = 100;
  let silent = '';
  before(async () => {
    silent = await nodeWith('silent', 'cat > /dev/null; exit 69');
  });

  it('come from the job where its node has mail, the first while it runs', async () => {
    const go = join(folder, 'go');
    const script = `echo 'Pipeline.n: 5' >> "$PIPELINE_SUMMARY"\nwhile [ ! -e '${go}' ]; do sleep 0.1; done\nexit 3\n`;
    await submit(1, await nodeWith('good', 'HAND_OVER'), script);
    await arrived(1, 'start');
    assert.ok(!existsSync(go));
    await writeFile(go, '');
    await arrived(1, 'end');
    await settled();
    assert.deepEqual([kindsOf(1), sentByDaemon(1)], [['start', 'end'], []]);
    const [start, end] = mailsOf(1);
    assert.ok(start?.mail.kind === 'start' && start.mail.workDir === '/data/desc/1');
    assert.ok(end?.mail.kind === 'end' && end.mail.exitCode === 3);
    assert.deepEqual([...end.mail.variables], [['n', '5']]);
    assert.deepEqual([start.from, start.to], ['panda@example.org', ['pipeline@example.org']]);
  });

  it('come from the daemon, once, where the node has none that works', async () => {
    await submit(2, silent, 'exit 4\n');
    await arrived(2, 'end');
    await settled();
    assert.deepEqual(
      [kindsOf(2), sentByDaemon(2)],
      [
        ['start', 'end'],
        ['start', 'end'],
      ],
    );
    const end = mailsOf(2)[1]?.mail;
    assert.ok(end?.kind === 'end' && end.exitCode === 4);
  });

  it('come from both where the mail of the node broke down meanwhile', async () => {
    const broken = `[ -e '${folder}/broken' ] && exit 75\n: > '${folder}/broken'\nHAND_OVER`;
    await submit(3, await nodeWith('breaking', broken), 'true\n');
    await arrived(3, 'end');
    await settled();
    assert.deepEqual([kindsOf(3), sentByDaemon(3)], [['start', 'end'], ['end']]);
    assert.equal(new Set(mailsOf(3).map(({ messageId }) => messageId)).size, 2);
  });

  it('have one Message-ID, whoever sends them', async () => {
    // The node's program sends the mail, and says that it did not.
    await submit(4, await nodeWith('lying', 'HAND_OVER\nexit 75'), 'true\n');
    await until('the daemon to send them, too', () => Promise.resolve(sentByDaemon(4).length === 2), {
      timeoutMs: 60_000,
    });
    const ids = (kind: string): readonly string[] =>
      mailsOf(4).flatMap(({ messageId, mail }) => (mail.kind === kind ? [messageId] : []));
    for (const kind of ['start', 'end']) {
      assert.equal(ids(kind).length, 2);
      assert.equal(new Set(ids(kind)).size, 1);
    }
  });
});
