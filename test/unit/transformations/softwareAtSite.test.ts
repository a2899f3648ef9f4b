import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import { PayloadRunner, quote } from './payloadRunner.ts';

/** Prints its words and where it is, and makes the image that was asked for. */
const FAKE_PHOSIM = `#!/bin/sh
printf '<%s>\\n' "$@"
echo "PYTHONPATH=\${PYTHONPATH-unset} SETUP=\${SETUP-unset} in $(pwd)"
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then echo image > "$2/image.fits.gz"; fi
  shift
done
`;
/** As of the science pipelines: made for bash, and not for a strict shell. */
const FAKE_RELEASE = `
[[ -n "$BASH_VERSION" ]] || exit 9
echo "$NEVER_SET" "words: $#" > /dev/null
setup() { [ "$1" != missing ] && export PRODUCT=$1 && export DRP_PIPE_DIR="$release_dir/drp pipe"; }
eups() { [ "$2" = -s ]; }
release_dir=\${BASH_SOURCE[0]%/*}
pipetask() { :; }
PATH=$release_dir/bin:$PATH
`;

describe('software at a site', () => {
  const runner = new PayloadRunner();
  let site: string;
  before(() => runner.start());
  after(() => runner.stop());
  beforeEach(() => {
    runner.openFolder();
    site = join(runner.folder, 'the site');
    mkdirSync(join(site, 'bin'), { recursive: true });
    mkdirSync(join(runner.folder, 'catalog'));
    writeFileSync(join(runner.folder, 'catalog/cat.txt'), 'obshistid 1\n');
  });
  afterEach(() => runner.removeFolder());

  function program(name: string, content: string): string {
    writeFileSync(join(site, name), content);
    chmodSync(join(site, name), 0o755);
    return join(site, name);
  }
  const phosim = (words: readonly string[], more: readonly string[] = [], environment = {}) => {
    const all = [
      '--software',
      site,
      '--catalog',
      'catalog/cat.txt',
      '--sensor',
      'R22_S11|R22_S12',
      '--e2adc',
      '0',
    ];
    const line = [...all, ...words, '--', ...more].map(quote).join(' ');
    return runner.run(runner.place('phosim.sh'), `--output image.fits.gz=final -- ${line}`, { environment });
  };

  describe('phoSim', () => {
    it('gets absolute paths without blanks, whatever the folder of the job is called', async () => {
      program('phosim.py', '');
      program('phosim', FAKE_PHOSIM);
      writeFileSync(join(site, 'setup.sh'), 'SETUP=$(echo done $# $NEVER_SET); export SETUP\n');
      const words = [
        '--command',
        'catalog/cat.txt',
        '--threads',
        '4',
        '--sed',
        '/seds',
        '--setup',
        join(site, 'setup.sh'),
      ];
      const result = await phosim(words, ['--keepscreens', 'it is'], { PYTHONPATH: '/somebody/elses' });
      assert.equal(result.code, 0, result.stderr);
      const found = [...result.stdout.matchAll(/^<(.*)>$/gmu)].map(([, word]) => word!);
      const place = /^(\/tmp\/phosim\.\w+\/job)\/catalog\/cat\.txt$/u.exec(found[0] ?? '')?.[1] ?? '';
      assert.notEqual(place, '');
      assert.deepEqual(found, [
        ...[`${place}/catalog/cat.txt`, '-s', 'R22_S11|R22_S12', '-i', 'lsst', '-e', '0'],
        ...['-o', `${place}/output`, '-w', `${place}/work`, '-t', '4', '-c', `${place}/catalog/cat.txt`],
        ...['--sed', '/seds', '--keepscreens', 'it is'],
      ]);
      assert.match(result.stdout, /PYTHONPATH=unset SETUP=done 0 in \/tmp\/phosim\.\w+$/mu);
      assert.ok(existsSync(join(runner.folder, 'final')));
      assert.equal(existsSync(place), false, 'the other name of the folder is gone');
    });

    it('leaves nothing outside of its folder, whoever ends it', async () => {
      program('phosim.py', '');
      program('phosim', '#!/bin/sh\npwd\nexec sleep 100\n');
      const words = `-- --software ${quote(site)} --catalog catalog/cat.txt --sensor R22_S11 --`;
      const other = (text: string): string => /^\/tmp\/phosim\.\w+$/mu.exec(text)?.[0] ?? '';
      const late = await runner.run(runner.place('phosim.sh'), `--walltime 1 ${words}`);
      assert.equal(late.code, 71, late.stderr);
      assert.notEqual(other(late.stdout), '');
      assert.equal(existsSync(other(late.stdout)), false);
      const child = runner.launch(runner.place('phosim.sh'), words);
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const place = await until('phoSim at work', async () => {
        const log = join(runner.folder, 'out.log');
        return existsSync(log) && (other(readFileSync(log, 'utf8')) || undefined);
      });
      assert.ok(existsSync(place));
      child.kill('SIGTERM');
      assert.equal(await ended, 143);
      assert.equal(existsSync(place), false);
    });

    it('that is not there: 67', async () => {
      const result = await phosim([]);
      assert.deepEqual([result.code, result.stderr], [67, `ERROR There is no phoSim at ${site}\n`]);
    });

    it('whose set-up fails or is missing: 67', async () => {
      program('phosim.py', '');
      program('phosim', FAKE_PHOSIM);
      assert.equal((await phosim(['--setup', join(site, 'none.sh')])).code, 67);
      writeFileSync(join(site, 'bad.sh'), 'false\n');
      const failed = await phosim(['--setup', join(site, 'bad.sh')]);
      assert.deepEqual([failed.code, failed.stderr.includes('The set-up file failed')], [67, true]);
      writeFileSync(join(site, 'exit.sh'), 'exit 3\n');
      assert.equal((await phosim(['--setup', join(site, 'exit.sh')])).code, 67);
    });

    it('runs in a container where one is named', async () => {
      program('phosim.py', '');
      program('phosim', FAKE_PHOSIM);
      // exec --bind PATH --pwd PATH IMAGE word...
      program('bin/apptainer', '#!/bin/sh\necho "in $6"\nshift 6\nexec "$@"\n');
      const path = `${join(site, 'bin')}:/usr/bin:/bin`;
      const line = [
        '--software',
        site,
        '--catalog',
        'catalog/cat.txt',
        '--sensor',
        'R22_S11',
        '--image',
        'docker://a b',
      ];
      const words = `-- ${[...line, '--'].map(quote).join(' ')}`;
      const result = await runner.run(runner.place('phosim.sh'), words, { path });
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^in docker:\/\/a b\n<\/tmp\/phosim/u);
      const none = await runner.run(runner.place('phosim.sh'), words);
      assert.deepEqual([none.code, none.stderr.includes('Neither apptainer nor singularity')], [67, true]);
    });

    for (const [name, words] of [
      ['no catalog', '--software /x --sensor R22_S11 --'],
      ['an unknown word', '--colour red --'],
      ['software by a relative path', '--software x --catalog c --sensor R22_S11 --'],
      ['no end', '--software /x --catalog c --sensor R22_S11'],
    ]) {
      it(`refuses ${name}: 64`, async () => {
        assert.equal((await runner.run(runner.place('phosim.sh'), `-- ${words}`)).code, 64);
      });
    }
  });

  describe('the DM stack', () => {
    const dm = (words: readonly string[], environment = {}) =>
      runner.run(runner.place('dm-stack.sh'), `-- ${words.map(quote).join(' ')}`, { environment });
    const SHOW = '#!/bin/sh\nprintf "<%s>\\n" "$PRODUCT" "${PYTHONPATH-unset}" "$@"\n';

    it('is set up by bash, without strictness or the Python of somebody else', async () => {
      program('loadLSST.bash', FAKE_RELEASE);
      program('bin/pipetask', SHOW);
      const words = [
        '--software',
        site,
        '--pipeline',
        '${DRP_PIPE_DIR}/X.yaml#isr',
        '--',
        'pipetask',
        'run',
        "it's $(id)",
      ];
      const result = await dm(words, { PYTHONPATH: '/x' });
      assert.equal(result.code, 0, result.stderr);
      assert.equal(
        result.stdout,
        `<lsst_distrib>\n<unset>\n<run>\n<it's $(id)>\n<-p>\n<${site}/drp pipe/X.yaml#isr>\n`,
      );
      assert.deepEqual(
        readdirSync(runner.folder).filter((name) => name === 'owned'),
        [],
      );
    });

    const wrong: [string, readonly string[], number, RegExp][] = [
      ['a release that is not there', ['--software', '/cvmfs/none', '--', 'pipetask'], 67, /no release/u],
      [
        'a product that is not there',
        ['--product', 'missing', '--', 'pipetask'],
        67,
        /product missing could not/u,
      ],
      [
        'a variable that is not set',
        ['--pipeline', '$NEVER_SET/x', '--', 'pipetask'],
        67,
        /does not set NEVER_SET/u,
      ],
      [
        'a path that would run something',
        ['--pipeline', '$(touch owned)', '--', 'pipetask'],
        64,
        /cannot be understood/u,
      ],
      ['a program that is not there', ['--', 'processNothing.py'], 67, /no program processNothing\.py/u],
      ['no program', ['--'], 64, /no program to run/u],
    ];
    for (const [name, words, code, sentence] of wrong) {
      it(`refuses ${name}: ${code}`, async () => {
        program('loadLSST.bash', FAKE_RELEASE);
        program('bin/pipetask', SHOW);
        const result = await dm(words[0] === '--software' ? words : ['--software', site, ...words]);
        assert.equal(result.code, code, result.stderr);
        assert.match(result.stderr, sentence);
        assert.equal(existsSync(join(runner.folder, 'owned')), false);
      });
    }

    it('keeps its own exit code, with the line of its log that tells why', async () => {
      program('loadLSST.bash', FAKE_RELEASE);
      program(
        'bin/pipetask',
        '#!/bin/sh\necho "Traceback (most recent call last):" >&2\necho "lsst.daf.butler.MissingDatasetTypeError: no raw" >&2\nexit 1\n',
      );
      const result = await dm(['--software', site, '--', 'pipetask', 'run']);
      assert.equal(result.code, 1);
      assert.match(
        result.stderr,
        /^ERROR pipetask ended with exit code 1: lsst\.daf\.butler\.MissingDatasetTypeError: no raw$/mu,
      );
    });
  });
});
