import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { payloadFile } from '../../../src/transformations/payloads.ts';
import { readPayloadSource } from './payloadSources.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Arguments and names that break whatever is not quoted. */
export const NASTY = [
  'two words',
  `it's "quoted"`,
  '$(touch owned) `touch owned` ${HOME}',
  'ü 银河',
  '',
  '*',
  '-n',
  'a\nb',
  '\\',
];

export const SHELLS = ['/bin/sh', '/usr/bin/dash', '/bin/bash', '/bin/busybox'].filter((path) =>
  existsSync(path),
);

/** What a web server of a test is to answer; `put` keeps what was sent. */
export interface Served {
  readonly status?: number;
  readonly body?: Uint8Array | string;
  /** Breaks the connection after half of the body, of a PUT when the first bytes have come. */
  readonly broken?: boolean;
  /** Sends the part that is asked for, as an S3 store does. */
  readonly ranged?: boolean;
}

export interface RunOptions {
  readonly shell?: string;
  readonly path?: string;
  /** In place of the runner's. */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

function sendRange(response: ServerResponse, body: Buffer, from: number, to: number): void {
  if (from >= body.length) {
    response.writeHead(416).end('<Error><Code>InvalidRange</Code></Error>');
    return;
  }
  const last = Math.min(to, body.length - 1);
  response
    .writeHead(206, { 'content-range': `bytes ${from}-${last}/${body.length}` })
    .end(body.subarray(from, last + 1));
}

/** Runs payload scripts the way the pilot does: in a folder of their own, with one line of parameters for a shell. */
export class PayloadRunner {
  folder = '';
  base = '';
  /** By path: what is there to get, in order; the last one stays. */
  readonly served = new Map<string, Served[]>();
  readonly asked: string[] = [];
  readonly sent = new Map<string, Buffer>();
  /** Answers to PUT by path; 200 where there is none. */
  readonly refused = new Map<string, Served>();
  readonly #bins = new Map<string, string>();
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      this.asked.push(`${request.method} ${request.url}`);
      if (request.method === 'PUT') {
        if (this.refused.get(path)?.broken === true) {
          request.once('data', () => response.destroy());
          return;
        }
        const pieces: Buffer[] = [];
        request.on('data', (piece: Buffer) => pieces.push(piece));
        request.on('end', () => {
          const refusal = this.refused.get(path);
          if (refusal === undefined) this.sent.set(path, Buffer.concat(pieces));
          response.writeHead(refusal?.status ?? 200).end(refusal?.body ?? '');
        });
        return;
      }
      const list = this.served.get(path) ?? [{ status: 404 }];
      const { status = 200, body = '', broken, ranged } = (list.length > 1 ? list.shift() : list[0]) ?? {};
      if (broken === true) {
        const bytes = Buffer.from(body);
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
        return;
      }
      const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
      if (ranged === true && range !== null) {
        sendRange(response, Buffer.from(body), Number(range[1]), Number(range[2]));
        return;
      }
      response.writeHead(status).end(body);
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
    for (const bin of this.#bins.values()) rmSync(bin, { recursive: true });
    this.#bins.clear();
  }

  openFolder(): void {
    this.folder = mkdtempSync(join(tmpdir(), "desc-panda it's a payload "));
    this.served.clear();
    this.sent.clear();
    this.refused.clear();
    this.asked.length = 0;
  }

  removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  serve(path: string, body: Uint8Array | string): string {
    this.served.set(path, [{ body }]);
    return `${this.base}${path}`;
  }

  /** Puts the script of a part into the folder; its name there. */
  place(part: string, text?: string): string {
    const read = (file: string) =>
      file === part && text !== undefined ? Buffer.from(text) : readPayloadSource(file);
    return this.#write(part.replace(/^.*\//u, ''), payloadFile(part, read).content);
  }

  /** The same for a script that does without the wrapper. */
  placeAlone(name: string): string {
    return this.#write(name, readPayloadSource(name));
  }

  #write(name: string, content: Uint8Array): string {
    writeFileSync(join(this.folder, name), content);
    chmodSync(join(this.folder, name), 0o700);
    return name;
  }

  /** A folder with links to all programs but some, as PATH. */
  pathWithout(names: readonly string[]): string {
    const key = names.join(' ');
    const known = this.#bins.get(key);
    if (known !== undefined) return known;
    const bin = mkdtempSync(join(tmpdir(), 'desc-panda-bin-'));
    this.#bins.set(key, bin);
    for (const folder of ['/bin', '/usr/bin']) {
      for (const name of readdirSync(folder)) {
        if (names.includes(name) || existsSync(join(bin, name))) continue;
        try {
          symlinkSync(join(folder, name), join(bin, name));
        } catch {
          // A link that leads nowhere is there already.
        }
      }
    }
    return bin;
  }

  #command(name: string, parameters: string, { shell, path, folder, environment }: RunOptions) {
    const words = shell?.endsWith('busybox') ? `${shell} sh ` : shell === undefined ? '' : `${shell} `;
    const env = {
      PATH: path ?? '/usr/local/bin:/usr/bin:/bin',
      PANDAID: '42',
      PILOT_SITENAME: 'SANDBOX',
      DESC_PANDA_PAUSE: '0',
      ...environment,
    };
    return { line: `exec ${words}./${name} ${parameters}`, options: { cwd: folder ?? this.folder, env } };
  }

  run(name: string, parameters: string, options: RunOptions = {}): Promise<Run> {
    const { line, options: settings } = this.#command(name, parameters, options);
    return new Promise((resolve) => {
      execFile('/bin/sh', ['-c', line], { ...settings, maxBuffer: 1e9 }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  /** Starts one and leaves it running; its output is in the folder. */
  launch(name: string, parameters: string, options: RunOptions = {}): ChildProcess {
    const { line, options: settings } = this.#command(name, parameters, options);
    return spawn('/bin/sh', ['-c', `${line} > out.log 2> err.log`], {
      ...settings,
      stdio: 'ignore',
      detached: true,
    });
  }
}
