import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PayloadRunner, quote, type Run, type RunOptions } from './payloadRunner.ts';

/** A payload that runs what the word behind `--` says, in its own process. */
const PART = `
payload_label='The test'
payload_run() { eval "$1"; }
`;

type Line = (string | number)[];

/** Sets up runs of the wrapper around a test payload, for the suite it is called in. */
export function wrapperRuns() {
  const runner = new PayloadRunner();
  before(() => runner.start());
  after(() => runner.stop());
  beforeEach(() => runner.openFolder());
  afterEach(() => runner.removeFolder());

  const place = (): string => runner.place('part.sh', PART);
  const read = (name: string): string => readFileSync(join(runner.folder, name), 'utf8');
  const sums = (content: string) => {
    const bytes = Buffer.from(content);
    return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  return {
    runner,
    place,
    read,
    sums,
    run: (command: string, words = '', options: RunOptions = {}): Promise<Run> =>
      runner.run(place(), `${words} -- ${quote(command)}`, options),
    report: () => JSON.parse(read('payload_error_report.json')) as { error_code: number; error_diag: string },
    /** Serves a manifest, given its lines without the first, `expires` and the last. */
    manifest: (lines: readonly Line[], expires = 4_000_000_000): string => {
      const own = lines.map((line) => line.join('\t'));
      const text = ['desc-panda-manifest 1', `expires\t${expires}`, ...own, 'end\n'].join('\n');
      return `--manifest ${quote(`${runner.serve('/manifest', text)}?signature=secret`)}`;
    },
    /** Serves a file; the line of a manifest that claims it to be of some content. */
    input: (name: string, content: string, claimed = content): Line => {
      const { size, sha256 } = sums(claimed);
      const url = runner.serve(`/in/${encodeURIComponent(name)}`, content);
      return ['get', name, size, '-', sha256, `${url}?signature=secret`];
    },
    pathWithout: (names: readonly string[]): string => runner.pathWithout(names),
  };
}
