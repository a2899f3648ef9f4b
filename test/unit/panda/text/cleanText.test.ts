import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cleanText, pageTitle } from '../../../../src/panda/text/cleanText.ts';

describe('texts of servers', () => {
  it('lose tracebacks, source paths, markup, tokens and line breaks, and keep identities', () => {
    const texts: readonly (readonly [string, string])[] = [
      ['ERROR : method x is forbidden', 'method x is forbidden'],
      ["Failed to deserialize jobs: 'int' <python traceback>", "Failed to deserialize jobs: 'int'"],
      ['boom\nTraceback (most recent call last):\n  File "/opt/x.py", line 3', 'boom'],
      ['in File "/opt/a/b.py", line 12, in run: bad', 'in bad'],
      ['see /var/lib/panda/x.py now', 'see now'],
      ['sent Bearer abcdefghijklmnop to me', 'sent Bearer … to me'],
      ['jwt eyJhbGciOi.eyJzdWIi.c2ln end', 'jwt … end'],
      ['<p>Hello <b>there</b></p><script>alert(1)</script>', 'Hello there'],
      ['/DC=org/OU=People/CN=Alice Adams is banned', '/DC=org/OU=People/CN=Alice Adams is banned'],
      ['Token authentication failed. Unknown vo : x', 'Token authentication failed. Unknown vo : x'],
      ['a  b\t\u0000c...', 'a b c'],
      ['', ''],
    ];
    for (const [text, clean] of texts) {
      assert.equal(cleanText(text), clean);
    }
    assert.equal(pageTitle('<html><head><title>404 Not\nFound</title>'), '404 Not Found');
  });

  it('never grow, however long and odd', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => cleanText(text).length <= 401),
    );
    assert.ok(cleanText('/a'.repeat(500_000)).length <= 401);
    assert.ok(cleanText('<script>'.repeat(100_000)).length <= 401);
  });
});
