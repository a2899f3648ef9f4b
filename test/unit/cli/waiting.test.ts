import assert from 'node:assert/strict';
import { golden } from './harness.ts';
import { useCli } from './useCli.ts';

describe('desc-panda, watching and waiting', () => {
  const { harness, submitted } = useCli();

  it('watches: one line a change where there is no terminal, until it is interrupted', async () => {
    const pandaId = await submitted();
    const stop = new AbortController();
    let seen = '';
    const watching = harness().call(['jobs', '--watch'], {
      signal: stop.signal,
      onPrint: (text) => {
        seen += text;
        if (seen.includes('cancelled')) stop.abort();
        else if (seen.includes('activated')) void harness().call(['cancel', String(pandaId), '--yes']);
      },
    });
    const { code, stderr } = await watching;
    assert.equal(code, 130);
    assert.equal(stderr, '');
    assert.equal(
      golden(seen, harness()),
      'TIME  ◔ activated  PANDAID s.sh\nTIME  ⊘ cancelled  PANDAID s.sh\n',
    );
  });

  it('waits for the end of a job, and says how to go on when interrupted', async () => {
    const stop = new AbortController();
    const { code, stdout, stderr } = await harness().call(['submit', '--hello', '--wait'], {
      signal: stop.signal,
      onPrint: (text) => {
        if (text.includes('activated')) stop.abort();
      },
    });
    assert.equal(code, 130);
    assert.match(stdout, /○ defined\n.*◔ activated\n$/);
    assert.match(
      golden(stderr, harness()),
      /^Job PANDAID goes on\.\n→ desc-panda job PANDAID shows it, .*--follow/,
    );
  });

  it('ends with 1 when the job it waited for was cancelled', async () => {
    const { code, stdout } = await harness().call(['submit', '--hello', '--wait', '--json'], {
      onPrint: (text) => {
        const pandaId = /"event":"state","pandaId":(\d+),"state":"activated"/.exec(text)?.[1];
        if (pandaId !== undefined) void harness().call(['cancel', pandaId, '--yes']);
      },
    });
    assert.equal(code, 1);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; state?: string; exitCode?: number });
    assert.deepEqual(
      events.map(({ event, state = '' }) => `${event} ${state}`.trim()),
      ['submitted', 'state defined', 'state activated', 'state cancelled', 'ended', 'result'],
    );
    assert.equal(events.at(-1)?.exitCode, 1);
  });
});
