import assert from 'node:assert/strict';
import { isMailAddress, mailMessage } from '../../../../src/pipeline/mail/mailMessage.ts';
import type { StartMail } from '../../../../src/pipeline/mail/pipelineMail.ts';

const MAIL: StartMail = {
  kind: 'start',
  processInstance: '7',
  host: null,
  startTime: null,
  workDir: null,
  logFile: null,
};
const ENVELOPE = {
  from: 'panda@example.org',
  to: 'pipeline@example.org',
  date: Date.UTC(2013, 9, 21, 12, 0, 0),
  messageId: '7.1@example.org',
};

describe('a message of the pipeline', () => {
  it('has the headers that its jobs send, and its lines', () => {
    assert.equal(
      mailMessage(MAIL, ENVELOPE),
      [
        'Date: Mon, 21 Oct 2013 12:00:00 +0000',
        'From: panda@example.org',
        'To: pipeline@example.org',
        'Message-ID: <7.1@example.org>',
        'Subject: 7',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=us-ascii',
        'Content-Transfer-Encoding: 7bit',
        '',
        'ProcessInstance: 7',
        'Status: Started',
        '',
      ].join('\r\n'),
    );
  });

  it('takes nothing for an address that would add to its headers', () => {
    for (const bad of [
      '',
      'a',
      'a@b\r\nBcc: c@d',
      'a b@c',
      '<a@b>',
      'a@b>',
      'ä@b',
      `${'a'.repeat(250)}@b.org`,
    ]) {
      assert.equal(isMailAddress(bad), false, bad);
      assert.throws(() => mailMessage(MAIL, { ...ENVELOPE, to: bad }), TypeError);
    }
    assert.ok(isMailAddress('desc.pipeline+test@glast-ground.slac.stanford.edu'));
  });
});
