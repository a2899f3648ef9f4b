import { strict as assert } from 'node:assert';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { attemptOfRun, folderStore, outputKey, planOfJob, signManifest } from '../../../src/staging/index.ts';
import { quote, SHELLS } from './payloadRunner.ts';
import { wrapperRuns } from './wrapperRuns.ts';

/** How a store takes a PUT that is to write over nothing. */
type Condition = 'heeded' | 'not heeded' | 'not known' | 'answered only half';

/** A store with one note, in which both runs look before either has written, and again when both have. */
class NoteStore {
  readonly left = new Map<string, string>();
  readonly #condition: Condition;
  readonly #server: Server;
  readonly #waiting: (() => void)[] = [];
  readonly #writers = new Map<string, number>();
  #note: string | undefined;
  #looked = 0;

  constructor(condition: Condition) {
    this.#condition = condition;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method !== 'PUT') return this.#look(response);
    const content = await text(request);
    if (path !== '/note') {
      this.left.set(path, content);
      response.end();
      return;
    }
    if (request.headers['if-none-match'] === '*' && this.#refuses(response)) return;
    this.#note = content;
    this.#writers.set(content, (this.#writers.get(content) ?? 0) + 1);
    this.#release();
    if (this.#condition === 'answered only half' && this.#writers.size === 1) response.destroy();
    else response.end();
  }

  #refuses(response: ServerResponse): boolean {
    if (this.#condition === 'not known') response.writeHead(501).end();
    else if (this.#condition !== 'not heeded' && this.#note !== undefined) response.writeHead(412).end();
    else return false;
    return true;
  }

  #look(response: ServerResponse): void {
    this.#waiting.push(() => {
      if (this.#note === undefined) response.writeHead(404).end();
      else response.end(this.#note);
    });
    this.#looked += 1;
    this.#release();
  }

  #release(): void {
    const writes = this.#condition === 'not heeded' ? 4 : 2;
    const written = [...this.#writers.values()].reduce((sum, count) => sum + count, 0);
    const heeded = this.#condition === 'heeded' || this.#condition === 'answered only half';
    const ready = this.#note === undefined ? this.#looked >= 2 : heeded || written >= writes;
    if (ready) for (const answer of this.#waiting.splice(0)) answer();
  }
}

describe('two runs of a job that begin at once', () => {
  const runs = wrapperRuns();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-runs-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs 42 and 43, each in a folder of its own, each leaving its number. */
  async function both(manifest: string, options: { shell?: string; path?: string } = {}): Promise<void> {
    const ends = ['42', '43'].map(async (PANDAID) => {
      const place = join(folder, PANDAID);
      mkdirSync(place);
      const script = runs.place();
      writeFileSync(join(place, script), runs.read(script));
      chmodSync(join(place, script), 0o700);
      const words = `--manifest ${quote(manifest)} -- ${quote(`printf ${PANDAID} > x`)}`;
      return runs.runner.run(script, words, { ...options, folder: place, environment: { PANDAID } });
    });
    for (const { code, stderr } of await Promise.all(ends)) assert.equal(code, 0, stderr);
  }

  async function onServer(condition: Condition, path?: string): Promise<Map<string, string>> {
    const store = new NoteStore(condition);
    const base = await store.start();
    try {
      const lines = [
        'desc-panda-manifest 1',
        `first\t${base}/note\t${base}/note`,
        `put\tx\t${base}/1/x`,
        `second-put\tx\t${base}/2/x`,
        'end\n',
      ];
      const manifest = join(folder, 'manifest');
      writeFileSync(manifest, lines.join('\n'));
      await both(pathToFileURL(manifest).href, path === undefined ? {} : { path });
      return store.left;
    } finally {
      store.stop();
    }
  }

  for (const condition of ['heeded', 'not heeded', 'not known', 'answered only half'] as const) {
    it(`take places of their own in a store where the condition is ${condition}`, async () => {
      const left = await onServer(condition);
      assert.deepEqual([...left.values()].toSorted(), ['42', '43']);
      assert.deepEqual([...left.keys()].toSorted(), ['/1/x', '/2/x']);
    });
  }

  for (const without of [['curl'], ['curl', 'wget']]) {
    it(`take places of their own without ${without.join(' and ')}`, async () => {
      const left = await onServer('heeded', runs.pathWithout(without));
      assert.deepEqual([...left.values()].toSorted(), ['42', '43']);
    });
  }

  for (const shell of SHELLS) {
    it(`take places of their own in a folder, in ${shell}`, async () => {
      const bin = join(folder, 'bin');
      const met = join(folder, 'met');
      mkdirSync(bin);
      mkdirSync(met);
      // Neither writes before both have seen that nothing is there.
      const meet = `#!/bin/sh\n: > ${met}/$PANDAID\nwhile [ "$(ls ${met} | wc -l)" -lt 2 ]; do sleep 0.02; done\nexec /bin/ln "$@"\n`;
      writeFileSync(join(bin, 'ln'), meet, { mode: 0o700 });
      const store = folderStore(join(folder, 'store'));
      const area = { user: 'ada', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
      const needs = { number: 7, inputs: [], outputs: ['x'], wallSeconds: 60 };
      const signed = await signManifest(store, planOfJob(area, needs, 0), 3600, Date.now());
      const manifest = join(folder, 'manifest');
      writeFileSync(manifest, signed.text());
      const path = [bin, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
      await both(pathToFileURL(manifest).href, { shell, path });
      const attempts = [];
      for (const pandaId of [42, 43]) {
        const attempt = await attemptOfRun(store, { area, jobId: '7', attempt: 1 }, pandaId);
        const { bytes } = await store.readRange(outputKey(attempt, 'x'), 0, 10);
        assert.equal(Buffer.from(bytes).toString(), String(pandaId));
        attempts.push(attempt.attempt);
      }
      assert.deepEqual(attempts.toSorted(), [1, 2]);
    });
  }
});
