import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useCli } from './useCli.ts';

describe('desc-panda explains', () => {
  const { harness, call, writeProfiles } = useCli();

  const cases: readonly (readonly [line: string, code: number, text: RegExp])[] = [
    ['submit', 2, /^There is nothing to submit\.\n→ Name a script/],
    ['submit missing.sh', 2, /^missing\.sh: there is no such file\.\n→ Check the name/],
    ['submit empty.sh', 2, /^The script is empty: empty\.sh\.\n→ Mend it/],
    ['submit .', 2, /^\.: it is a folder\.\n/],
    [
      'submit s.sh t.sh',
      2,
      /^One file is submitted at a time: t\.sh .*\n→ Put words for the script behind --/,
    ],
    ['submit s.sh --hello', 2, /^With --hello no file is submitted: s\.sh\.\n/],
    [
      'submit s.sh --visit 3',
      2,
      /^desc-panda submit has no option --visit\.\n→ Put words for the payload behind --/,
    ],
    ['submit s.sh --wiat', 2, /^desc-panda submit has no option --wiat\.\n→ Did you mean --wait\n/],
    ['submit s.sh --cores none', 2, /^--cores none: a whole number from 1 on is needed\.\n/],
    ['submit s.sh --memory much', 2, /^--memory much: an amount of memory is needed/],
    ['submit s.sh --site', 2, /^Option '--site <value>' argument missing\.\n/],
    ['submit s.sh --wait=yes', 2, /^Option '-w, --wait' does not take an argument\.\n/],
    ['submit s.sh --site SANDBX', 4, /^There is no site SANDBX\.\n→ Did you mean SANDBOX, .*--force\n$/],
    [
      'submit s.sh --site SANDBOX-OFFLINE',
      4,
      /^Site SANDBOX-OFFLINE is offline .*\n→ Choose one that is online: SANDBOX/,
    ],
    ['submit s.sh --cores 4000', 4, /^The site does not give what is asked for: cores 4000 asked for/],
    ['job', 2, /^desc-panda job needs the PandaID of a job\.\n→ Find it with desc-panda jobs\n$/],
    ['job 1 2', 2, /^desc-panda job takes one PandaID\.\n/],
    ['job abc', 2, /^abc is no PandaID/],
    ['job 99', 4, /^Could not find job 99 at .*: PanDA knows no job of this number\.\n→ /],
    ['logs 99', 4, /^Could not find job 99 at /],
    ['logs 1 --file stdin', 2, /^--file stdin: one of stdout, stderr, pilotlog is needed\.\n/],
    ['jobs s.sh', 2, /^desc-panda jobs takes no s\.sh\.\n→ Use desc-panda jobs --filter s\.sh\n$/],
    ['jobs --state done', 2, /^done is no state of a job\.\n→ States are pending, /],
    ['sandbox', 2, /^What is the sandbox to do\?\n→ Say one of start, stop, status, reset\n$/],
    ['sandbox start --port 99999', 2, /^--port 99999: ports end at 65535\.\n/],
    ['submissions resend abc', 2, /^There is no submission abc of profile sandbox on this machine\.\n/],
    ['submissions again abc', 2, /^desc-panda submissions takes nothing, or an action/],
    [
      'jobs --profile nowhere',
      2,
      /^There is no profile nowhere \(--profile\)\.\n→ Use one of sandbox, usdf, .*, or add it to /,
    ],
    ['sbmit', 2, /^There is no command sbmit\.\n→ Did you mean submit\n$/],
    ['--json jobs', 2, /"error":\{"kind":"usage","message":"The command comes first, before --json\."/],
  ];
  for (const [line, code, text] of cases) {
    it(line, async () => {
      await writeFile(join(harness().folder, 'empty.sh'), ' \n');
      const printed = await call(line);
      assert.match(line.startsWith('--json') ? printed.stdout : printed.stderr, text);
      assert.equal(printed.code, code);
    });
  }

  it('a profiles file that is not JSON, or has mistakes', async () => {
    await writeProfiles('{');
    assert.match((await call('jobs')).stderr, /^FOLDER\/config\/desc-panda\/profiles\.json is not JSON: /);
    await writeProfiles('{"profiles":{"a":{"server":"ftp://x","colour":1}}}');
    assert.match(
      (await call('jobs --profile a')).stderr,
      /^Profile a cannot be used: colour .*; server .*; vo is missing\.\n→ Mend it in FOLDER/,
    );
  });
});
