import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Update {
  readonly job_id: number;
  readonly job_status: string;
  readonly [field: string]: unknown;
}

/** A scripted PanDA server: hands out the jobs put into it and remembers every update. */
export interface FakeServer {
  readonly url: string;
  readonly token: string;
  readonly updates: Update[];
  readonly tokensSeen: Set<string | undefined>;
  acquireCalls: number;
  /** Serves a file at `/cache/<name>` and returns its URL. */
  addFile(name: string, content: string): string;
  addJob(fields: Readonly<Record<string, unknown>>): void;
  /** Decides the answer to an update; undefined for an ordinary one, `drop` breaks the connection. */
  answer: (update: Update) => { command?: string; status?: number; data?: unknown } | 'drop' | undefined;
  close(): Promise<void>;
}

export async function startFakeServer(port = 0): Promise<FakeServer> {
  const files = new Map<string, string>();
  const queue: Readonly<Record<string, unknown>>[] = [];
  const fake: Omit<FakeServer, 'url'> & { url: string } = {
    url: '',
    token: 'fake-token',
    updates: [],
    tokensSeen: new Set(),
    acquireCalls: 0,
    addFile: (name, content) => {
      files.set(`/cache/${name}`, content);
      return `${fake.url}/cache/${name}`;
    },
    addJob: (fields) => {
      queue.push({ attemptNr: 0, taskID: 'NULL', jobPars: '', outFiles: '', logFile: 'NULL', ...fields });
    },
    answer: () => undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reply = (status: number, text: string) => {
        response.writeHead(status, { 'Content-Type': 'text/plain' }).end(text);
      };
      const data = (value: unknown) => {
        reply(200, JSON.stringify({ success: true, message: '', data: value }));
      };
      const path = request.url ?? '';
      if (request.method === 'GET') {
        fake.tokensSeen.add(request.headers.authorization);
        const file = files.get(path);
        reply(file === undefined ? 404 : 200, file ?? 'no');
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      if (path.endsWith('/acquire_jobs')) {
        fake.acquireCalls += 1;
        const jobs = body.site_name === 'SANDBOX' ? queue.splice(0, Number(body.n_jobs)) : [];
        if (jobs.length > 0) data({ StatusCode: 0, jobs });
        else reply(200, JSON.stringify({ success: false, message: 'No jobs in PanDA', data: null }));
        return;
      }
      const update = body as Update;
      const special = fake.answer(update);
      if (special === 'drop') {
        request.socket.destroy();
        return;
      }
      fake.updates.push(update);
      if (special?.status !== undefined) reply(special.status, 'ERROR : no');
      else data(special?.data ?? { StatusCode: 0, command: special?.command ?? 'NULL' });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
