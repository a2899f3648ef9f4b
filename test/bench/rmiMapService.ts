/** The plainest job control service, as `interop/MapService.java` is, behind our own RMI. Says its port; ends with its input. */
import {
  createRegistry,
  exportJobControl,
  fileNotFoundException,
  jobSubmissionException,
  noSuchJobException,
  stableObjId,
  startRmiServer,
} from '../../src/pipeline/rmi/index.ts';
import type { JobControlHandlers, JobStatus } from '../../src/pipeline/rmi/index.ts';

const [name = ''] = process.argv.slice(2);
const jobs = new Map<string, JobStatus>();
let lastId = 6_900_000_000;

const handlers: JobControlHandlers = {
  submit: (job) => {
    if (!job.command) return Promise.reject(jobSubmissionException('Missing command'));
    const id = String(++lastId);
    jobs.set(id, {
      id,
      status: 'WAITING',
      cpuUsed: 0,
      memoryUsed: 0,
      swapUsed: 0,
      host: 'wn0001',
      queue: 'SLAC',
      user: 'desc',
      comment: job.env.get('PIPELINE_TASK') ?? null,
      submitted: Date.now(),
      started: null,
      ended: null,
    });
    return Promise.resolve(id);
  },
  status: (id) => {
    const status = jobs.get(id);
    return status === undefined
      ? Promise.reject(noSuchJobException(`Job id ${id}`))
      : Promise.resolve(status);
  },
  arrayStatus: (ids) => Promise.resolve(new Map(ids.map((id) => [id, jobs.get(id) ?? null]))),
  cancel: (id) => {
    const status = jobs.get(id);
    if (status === undefined) return Promise.reject(noSuchJobException(`No such job, id=${id}`));
    jobs.set(id, { ...status, status: 'FAILED' });
    return Promise.resolve();
  },
  getFile: () => Promise.reject(fileNotFoundException('Summary file does not exist.')),
  getFileStream: (file) => Promise.reject(fileNotFoundException(file.name ?? '')),
};

const server = await startRmiServer({ host: '127.0.0.1', publicHost: '127.0.0.1' });
const registry = createRegistry();
server.export(registry.object);
registry.bind(name, exportJobControl(server, handlers, { objId: stableObjId(name) }));
console.log(`ready\t${server.port}`);
for await (const chunk of process.stdin) void chunk;
await server.close();
